import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type { IngressRuleSpec } from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type * as file from '../../schema/generated/config.ts';
import { grouped } from '../core/objects/grouped.ts';
import type { Observed } from '../core/objects/object.ts';
import { wildcardOver } from '../desired/live/breaches.ts';
import { gateOfApplication, titleOf } from './access/access-gate.ts';
import type { TokenNames } from './access/access-terms.ts';
import { applicationsAt } from './access/destinations.ts';
import { domainGateAt, outpostGateAt } from './authentik/authentik-gate.ts';
import type { ImportedClient } from './authentik/clients.ts';
import { type SkippedPath, unaskedPathsOfDomain } from './authentik/open-paths.ts';
import { tunnelOf } from './records.ts';
import { expressed, Inexpressible } from './terms/inexpressible.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import { type Target, targetOf } from './terms/origins.ts';
import type { LiveGround } from './terms/visit.ts';

/** A host that a tunnel leads to an origin, with everything that the file says of it. */
export interface ImportedHost {
  readonly host: string;
  readonly target: Target;
  readonly gate: file.Gate;
  readonly paths: Readonly<Record<string, file.Gate>>;
  /** The origin asks Authentik's outpost about each request. */
  readonly asks: boolean;
  /** Name of the outpost that decides at the host. */
  readonly outpost?: string;
  /** The address of the outpost, to which the tunnel leads in mode `proxy`. */
  readonly outpostUrl?: string;
  /** The domain whose login decides at the host. */
  readonly domain?: string;
  /** The live objects that it was read from, for a comment. */
  readonly source: string;
}

/** The facts of all hosts by which the gate of one host is found. */
export interface HostGround extends LiveGround {
  readonly tokens: TokenNames;
  readonly clients: readonly ImportedClient[];
  /** The host of Authentik's login page, as the outposts send people there. */
  readonly loginHosts: ReadonlySet<string>;
}

/** The gate of a path at which Authentik's outpost does not ask. */
const unasked: file.Gate = { public: { reason: 'imported: Authentik does not ask here' } };

/** The reasons of hosts that nothing guards. */
const unguarded = 'imported: nothing guards it';
const unguardedByAccess = 'imported: Access does not guard it, and no Authentik was asked';

/**
 * The host to which a record leads.
 * @throws Inexpressible
 */
export function importedHost(record: Observed<DnsRecordSpec>, ground: HostGround): ImportedHost {
  const host = record.spec.name;
  const { target, source: ruleSource } = targetAt(record, ground.live);
  const { gate: asked, bypass, paths, titles } = accessAt(host, ground);
  const outpost = outpostGateAt(host, target, ground);
  const isSurplus = bypass !== undefined && !needsApplication(host, paths, ground.live);
  const inside = [...titles, ruleSource];
  const shared = { host, target, asks: false };
  if (asked !== undefined) {
    if (outpost !== undefined)
      throw new Inexpressible(`both ${titles[0]} and Authentik guard it, and a host has one gate`);
    return { ...shared, gate: asked, paths, source: inside.join(', ') };
  }
  if (outpost !== undefined) {
    if (isSurplus) throw new Inexpressible(beforeAnotherGate(titles));
    const { gate, target: behind, outpost: name, outpostUrl, skipped } = outpost;
    const led = outpostUrl === undefined ? { asks: true } : { asks: false, outpostUrl };
    const source = [outpost.source, ...inside].join(', ');
    return {
      ...shared,
      gate,
      paths: withSkipped(paths, skipped),
      target: behind,
      outpost: name,
      ...led,
      source,
    };
  }
  const { skipped, ...gate } = unaskedGate(host, ground, inside);
  if (isSurplus && gate.gate.public === undefined) throw new Inexpressible(beforeAnotherGate(titles));
  const isPublic = gate.gate.public !== undefined && bypass !== undefined;
  return {
    ...shared,
    ...gate,
    ...(isPublic && { gate: bypass }),
    paths: skipped === undefined ? paths : withSkipped(paths, skipped),
  };
}

/** True if the file asks for an application that admits everybody at a host with another gate (docs/authentik.md). */
function needsApplication(host: string, paths: AccessAt['paths'], live: LiveObjects): boolean {
  const applications = live
    .of('cloudflare/access-application')
    .filter(({ owner }) => owner !== live.scope.owner);
  return (
    Object.entries(paths).some(isExactlyGuarded) || wildcardOver({ host }, { applications }) !== undefined
  );
}

/** True for a path without those below it that Access guards: its host needs an application that admits everybody. */
function isExactlyGuarded([path, gate]: readonly [string, file.Gate]): boolean {
  return !path.endsWith('/**') && gate.public === undefined;
}

/** The reason of a host with an application that no file asks for by itself, so `gates adopt` would not take it over. */
function beforeAnotherGate([title = '']: readonly string[]): string {
  return `${title} admits everybody, and another gate decides behind it: remove the application if no other one covers the host`;
}

/** The part of a host that is known even if its gate cannot be expressed. */
export function knownPart(
  record: Observed<DnsRecordSpec>,
  live: LiveObjects,
): { readonly host: string; readonly origin?: string } {
  const led = expressed(() => targetAt(record, live));
  return { host: record.spec.name, ...('value' in led && { origin: led.value.target.origin.url }) };
}

/** The gates of Access at a host and its paths. */
interface AccessAt {
  /** The gate of the host; undefined: Access asks nobody there. */
  readonly gate: file.Gate | undefined;
  /** The gate of an application that admits everybody: another gate decides at the host, or none. */
  readonly bypass: file.Gate | undefined;
  readonly paths: Readonly<Record<string, file.Gate>>;
  /** The applications, as a comment names them. */
  readonly titles: readonly string[];
}

function accessAt(host: string, { live, tokens }: HostGround): AccessAt {
  const { own, paths } = applicationsAt(host, live);
  const all = [...(own === undefined ? [] : [own]), ...paths.map(({ application }) => application)];
  const foreign = all
    .map((application) => live.otherOwnerOf(application))
    .find((owner) => owner !== undefined);
  if (foreign !== undefined)
    throw new Inexpressible(`its Access application belongs to the owner ${foreign}`);
  const gate = own && gateOfApplication(own, live, tokens);
  const isBypass = gate?.public !== undefined;
  return {
    gate: isBypass ? undefined : gate,
    bypass: isBypass ? gate : undefined,
    paths: Object.fromEntries(
      paths.map(({ path, application }) => [path, gateOfApplication(application, live, tokens)]),
    ),
    titles: all.map(titleOf),
  };
}

/**
 * The paths, and those at which the outpost does not ask.
 * @throws Inexpressible if Authentik asks behind an Access application of a path: the file has one gate for each door.
 */
function withSkipped(paths: AccessAt['paths'], skipped: readonly SkippedPath[]): ImportedHost['paths'] {
  const asked = Object.keys(paths).find((path) => skipped.every((each) => each.path !== path));
  if (asked !== undefined)
    throw new Inexpressible(`both Access and Authentik guard ${asked}, and a path has one gate`);
  const open = skipped.filter(({ guarded }) => !guarded);
  return { ...Object.fromEntries(open.map(({ path }) => [path, unasked])), ...paths };
}

/** The target of the tunnel that a record leads to. */
function targetAt(
  record: Observed<DnsRecordSpec>,
  live: LiveObjects,
): { readonly target: Target; readonly source: string } {
  const { spec } = record;
  const { name: host } = spec;
  const tunnel = live.of('cloudflare/tunnel').find(({ id }) => id === tunnelOf(record));
  if (tunnel === undefined) throw new Inexpressible('it leads to a tunnel that this account does not have');
  if (!spec.proxied) throw new Inexpressible('its DNS record is not proxied, so nothing answers there');
  if (tunnel.spec.configSource === 'local')
    throw new Inexpressible(`the tunnel ${tunnel.address.key} reads its own config.yml`);
  const rules = (live.once(rulesByHost).get(host) ?? []).filter((each) => each.spec.tunnelId === tunnel.id);
  const rule = rules.find((each) => each.spec.path === undefined);
  if (rule === undefined)
    throw new Inexpressible(`the tunnel ${tunnel.address.key} has no rule of its own for it`);
  // A rule for a path without effect would get one: gates puts it before the rule of the host.
  const hidden = [rule, ...rules].find((each) => each.spec.shadowedBy !== undefined);
  if (hidden !== undefined) {
    const whose = hidden.spec.path === undefined ? 'its requests' : `its requests at ${hidden.spec.path}`;
    throw new Inexpressible(`an earlier rule of the tunnel takes ${whose}: ${hidden.spec.shadowedBy}`);
  }
  return { target: targetOf(rule.spec), source: `tunnel ${tunnel.address.key}` };
}

function rulesByHost(live: LiveObjects): ReadonlyMap<string, readonly Observed<IngressRuleSpec>[]> {
  return grouped(live.of('cloudflare/ingress-rule'), ({ spec }) => spec.hostname);
}

/** A gate of which Access knows nothing. */
interface UnaskedGate extends Pick<ImportedHost, 'gate' | 'source' | 'asks' | 'domain'> {
  /** Paths at which Authentik's outpost does not ask; undefined: it asks nowhere at the host. */
  readonly skipped?: readonly SkippedPath[];
}

/** The gate of a host that neither an Access application nor a provider of its own guards. */
function unaskedGate(host: string, ground: HostGround, inside: readonly string[]): UnaskedGate {
  const { clients, loginHosts, live } = ground;
  const source = (...parts: readonly string[]) => [...parts, ...inside].join(', ');
  const plain = { asks: false };
  if (loginHosts.has(host))
    return { ...plain, gate: { identityProvider: {} }, source: source("Authentik's login page") };
  const domain = domainGateAt(host, ground);
  if (domain !== undefined) {
    const { cookieDomain } = domain.spec;
    const gate = { authentik: { mode: 'domain' } } as const;
    const skipped = unaskedPathsOfDomain(domain.spec.skipPathRegex, host);
    return {
      gate,
      asks: true,
      skipped,
      domain: cookieDomain,
      source: source(`Authentik's login of ${cookieDomain}`),
    };
  }
  const client = clients.find((each) => each.hosts.includes(host));
  if (client !== undefined) {
    const { saml, ldap } = client.client;
    const mode = saml !== undefined ? 'saml' : ldap !== undefined ? 'ldap' : 'oidc';
    const how = mode === 'ldap' ? 'logs people in here' : 'returns here after a login';
    const gate = { authentik: { mode, client: client.slug } } as const;
    return { ...plain, gate, source: source(`${client.source} ${how}`) };
  }
  const unread = live.isUnread('authentik/proxy-provider');
  if (unread) throw new Inexpressible('Access does not guard it, and Authentik could not be read');
  const reason = live.scope.authentik === undefined ? unguardedByAccess : unguarded;
  return { ...plain, gate: { public: { reason } }, source: source('no gate was found') };
}
