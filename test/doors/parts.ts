import type { Part } from '../../src/core/objects/part.ts';
import type {
  AccessApplicationPart,
  AccessPolicyPart,
  Selector,
} from '../../src/core/objects/parts/access-parts.ts';
import type { BindingPart, ProxyProviderPart } from '../../src/core/objects/parts/authentik-parts.ts';
import type { EdgeRulePart, RecordPart } from '../../src/core/objects/parts/edge-parts.ts';
import type { OriginPart, TunnelRulePart } from '../../src/core/objects/parts/tunnel-parts.ts';
import type { Credential } from '../../src/doors/admission/admission.ts';
import { decideFor } from '../../src/doors/admission/decision.ts';
import { explain } from '../../src/doors/explanation.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import type { DoorRequest, Snapshot } from '../../src/doors/state/snapshot.ts';
import type { Layer } from '../../src/doors/state/view.ts';
import { waysTo } from '../../src/doors/ways.ts';

/** Parts of a small home, each with the properties that a test gives it. */

export const zone: Part = { part: 'zone', name: 'example.dev', active: true };
export const tunnel: Part = { part: 'tunnel', id: 't1', configuration: 'remote' };

export function record(name: string, content: string, more: Partial<RecordPart> = {}): RecordPart {
  const type = /^[\d.]+$/.test(content) ? 'A' : 'CNAME';
  return { part: 'record', zone: 'example.dev', name, type, content, proxied: true, ...more };
}

/** A proxied name that leads to the tunnel. */
export function name(host: string): RecordPart {
  return record(host, 't1.cfargotunnel.com');
}

export function rule(hostname: string, service: string, more: Partial<TunnelRulePart> = {}): TunnelRulePart {
  return {
    ...{ part: 'tunnel-rule', tunnel: 't1', hostname, service },
    ...{ path: undefined, audiences: undefined, hostHeader: undefined },
    ...more,
  };
}

export const catchAll = rule('*', 'http_status:404');

/** The zone, tunnel, name and rule of a host whose origin asks nobody, unless the parts say otherwise. */
export function served(host: string, ...parts: readonly Part[]): readonly Part[] {
  return [
    zone,
    tunnel,
    name(host),
    rule(host, 'http://app.lan'),
    catchAll,
    origin('http://app.lan'),
    ...parts,
  ];
}

export function origin(
  service: string,
  asks: OriginPart['asks'] = { who: 'nobody' },
  more: Partial<OriginPart> = {},
): OriginPart {
  return { part: 'origin', service, hosts: undefined, asks, trustsForwarded: false, ...more };
}

export function application(
  id: string,
  destinations: readonly string[],
  policies: readonly string[],
  more: Partial<AccessApplicationPart> = {},
): AccessApplicationPart {
  return {
    ...{ part: 'access-application', id, audience: `aud-${id}`, destinations, policies },
    ...{ logins: undefined, waysAround: [] },
    ...more,
  };
}

export function policy(
  id: string,
  decision: AccessPolicyPart['decision'],
  include: readonly Selector[],
  more: Partial<AccessPolicyPart> = {},
): AccessPolicyPart {
  return { part: 'access-policy', id, decision, include, require: [], exclude: [], ...more };
}

export const everyone: Selector = { everyone: {} };

export function email(address: string): Selector {
  return { email: { email: address } };
}

export function edgeRule(what: EdgeRulePart['rule'], more: Partial<EdgeRulePart> = {}): EdgeRulePart {
  return { part: 'edge-rule', zone: 'example.dev', enabled: true, shadowed: false, rule: what, ...more };
}

export function provider(
  id: string,
  externalHost: string,
  more: Partial<ProxyProviderPart> = {},
): ProxyProviderPart {
  return {
    ...{ part: 'proxy-provider', id, mode: 'forward_single', externalHost },
    ...{ internalHost: '', cookieDomain: '', skipPaths: '', trusts: [] },
    ...more,
  };
}

/** The parts that a provider needs for a login: an application of the same id, its link, and an outpost entry. */
export function login(id: string, ...bindings: readonly Part[]): readonly Part[] {
  return [
    { part: 'application', id, engine: 'any' },
    { part: 'provider-link', application: id, provider: id },
    { part: 'outpost-entry', outpost: 'o1', provider: id },
    ...bindings,
  ];
}

export function binding(application: string, group: string, more: Partial<BindingPart> = {}): BindingPart {
  return { part: 'binding', application, group, enabled: true, negated: false, ...more };
}

/** The credentials of a visitor; an address or a group implies an identity or an account. */
export function holding(...credentials: readonly Credential[]): (credential: Credential) => boolean {
  const all = credentials.flatMap((credential): readonly Credential[] => {
    if (credential.has === 'email') {
      const domain = credential.address.replace(/^.*@/, '');
      return [credential, { has: 'email-domain', domain }, { has: 'identity' }];
    }
    if (credential.has === 'login') return [credential, { has: 'identity' }];
    if (credential.has === 'group' || credential.has === 'user') return [credential, { has: 'account' }];
    if (credential.has === 'service-token') return [credential, { has: 'any-service-token' }];
    return [credential];
  });
  const held = new Set(all.map((credential) => JSON.stringify(credential)));
  return (credential) => held.has(JSON.stringify(credential));
}

export const stranger = holding();
export const me = holding({ has: 'email', address: 'me@example.dev' });
export const you = holding({ has: 'email', address: 'you@example.net' });
export const admin = holding({ has: 'group', id: 'admins' });

/**
 * The places that a visitor reaches. For each thing that answers: `admitted`, or the reasons why nobody knows; nothing
 * if the visitor is refused. `request`: `https://app.example.dev/a`, or parts of it.
 */
export function reached(
  state: readonly Part[] | Snapshot,
  request: string | DoorRequest,
  holds: (credential: Credential) => boolean,
): Readonly<Record<string, string>> {
  const found = waysTo(storeOf(state), asked(request)).flatMap(
    ({ to, admits }): readonly (readonly [string, string])[] => {
      const verdict = decideFor(admits, holds);
      if (verdict === 'refused') return [];
      if (verdict === 'admitted') return [[to, verdict]];
      return [[to, [...new Set(verdict.unknown.map(({ reason }) => reason))].join(', ')]];
    },
  );
  return Object.fromEntries(found);
}

/** The facts on which the answer to a visitor depends, each once: `copies: GET app.example.dev/x.css`. */
export function openFacts(
  state: readonly Part[] | Snapshot,
  request: string | DoorRequest,
  holds: (credential: Credential) => boolean,
): readonly string[] {
  const verdicts = waysTo(storeOf(state), asked(request)).map(({ admits }) => decideFor(admits, holds));
  const facts = verdicts.flatMap((verdict) => (typeof verdict === 'string' ? [] : verdict.unknown));
  return [...new Set(facts.map(({ reason, about }) => `${reason}: ${about}`))];
}

/** The objects by which a layer decides, in its order, each with what it says by itself about the visitor. */
export function weighed(
  layer: Layer,
  state: readonly Part[] | Snapshot,
  request: string | DoorRequest,
  holds: (credential: Credential) => boolean,
): readonly (readonly [Part, string])[] {
  const { layers } = explain(storeOf(state), asked(request), (admits) => decideFor(admits, holds));
  const found = layers.find((each) => each.layer === layer)?.weighed ?? [];
  return found.map(({ part, verdict }) => [part, typeof verdict === 'string' ? verdict : 'unknown']);
}

function storeOf(state: readonly Part[] | Snapshot): PartStore {
  return PartStore.of('parts' in state ? state : { parts: state });
}

function asked(request: string | DoorRequest): DoorRequest {
  if (typeof request !== 'string') return request;
  const [, host = '', path = '/'] = /^https:\/\/([^/]+)(\/.*)?$/.exec(request) ?? [];
  return { host, path };
}
