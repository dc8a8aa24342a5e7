import type { AccessApplicationSpec } from '../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../reconcilers/cloudflare/access/access-policy.ts';
import type { ServiceTokenSpec } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import type { Expectation, Look } from '../../reconcilers/edge/look.ts';
import { probeKey } from '../../reconcilers/edge/proof.ts';
import type { Config, PathException, Service } from '../config/model/config.ts';
import type { DesiredObject, GateCheck } from '../core/objects/object.ts';
import type { Linked } from '../core/objects/reference.ts';
import { builtGate } from '../gates/index.ts';
import type { GateCheckTerms } from '../gates/shared/gate.ts';
import { coveredRules } from './service.ts';
import { audience, policyId, tagId, tokenId } from './terms/addresses.ts';
import { originDecides } from './terms/cache.ts';
import { type Door, doorAt, doorsOf, hostDoor, isAccessGate, isCallGate } from './terms/doors.ts';

/**
 * The checks of the services' gates, and the objects that covers need: the token by which our probe identifies
 * itself, and the policy that admits it. Both exist permanently and are part of nothing until there is a cover.
 */
export function proofsOf(
  services: readonly Service[],
  config: Config,
): { readonly proofs: readonly GateCheck[]; readonly objects: readonly DesiredObject[] } {
  const ofGates = services.flatMap((service) => proofOf(service, config) ?? []);
  const usesAccess = ofGates.some(({ cover }) => cover !== undefined) || services.some(isAskedByAccess);
  const ofCaches = usesAccess ? services.flatMap((service) => cacheProofOf(service, config) ?? []) : [];
  const proofs = [...ofGates, ...ofCaches];
  const covers = proofs.some(({ cover }) => cover !== undefined);
  return { proofs, objects: covers ? [probeToken, probePolicy] : [] };
}

function proofOf(service: Service, config: Config): GateCheck | undefined {
  const door = hostDoor(service);
  const terms = builtGate(door.gate)?.proof?.(door, config);
  if (terms === undefined) return undefined;
  const { kind, expect, needs, covered } = terms;
  const { host } = service;
  const atEdge = kind === 'edge/proof';
  return {
    address: { kind, key: host },
    host,
    spec: atEdge ? { expect, looks: looksAt(service, terms), ...cacheSpec(service) } : { expect },
    step: atEdge ? 'prove' : 'attest',
    needs,
    ...(covered && coverTerms(service, config)),
    because: `services.${service.name}`,
  };
}

function coverTerms(service: Service, config: Config): Pick<GateCheck, 'cover' | 'behind'> {
  return {
    cover: coverOf(service, config.owner),
    behind: coveredRules(service, config, audience(service.host)),
  };
}

/** The check at the edge for a host whose gate cannot be checked there: that the edge stores none of its answers. */
function cacheProofOf(service: Service, config: Config): GateCheck | undefined {
  const { kind } = builtGate(service.gate)?.proof?.(hostDoor(service), config) ?? {};
  if (kind === 'edge/proof' || !originDecides(service)) return undefined;
  return {
    address: { kind: 'edge/proof', key: service.host },
    host: service.host,
    spec: { expect: { type: 'anybody' }, looks: [], ...cacheSpec(service) },
    step: 'prove',
    needs: [],
    ...coverTerms(service, config),
    because: `services.${service.name}`,
  };
}

function cacheSpec(service: Service): { readonly cache?: 'rule' | 'header' } {
  return originDecides(service) ? { cache: service.cache ?? 'rule' } : {};
}

function isAskedByAccess(service: Service): boolean {
  return doorsOf(service).some(({ gate }) => isAccessGate(gate));
}

/**
 * Requests that all come to the host's own gate. An origin that believes a client's forwarding headers would let
 * the outpost judge another request than the one it gets (facts/edge, Traefik and forward auth), so each is tried;
 * and so is what lies right beside each exception, in the spellings that systems read apart.
 */
export function looksAt(
  service: Service,
  { expect, looks }: Pick<GateCheckTerms, 'expect' | 'looks'>,
): readonly Look[] {
  if (looks !== undefined) return looks;
  const root: Look = { path: '/' };
  const { type } = expect as Linked<Expectation>;
  if (type === 'hooks') return [root, ...calls(service)];
  if (type === 'verify') return [root, ...withoutToken(service)];
  if (type !== 'authentik') return [root];
  const { paths: skipped } = service;
  // An exception that lies in another one has neighbours which that one opens, once somebody resolves their dots.
  const isGuarded = (path: string) =>
    [path, resolved(path)].every((read) => isOwnDoor(doorAt(service, read)));
  const guarded = [...new Set(skipped.flatMap(neighbours))].filter(isGuarded);
  const encoded = (handsOn(service) ? skipped.flatMap(encodings) : []).filter(
    (path) => doorAt(service, path) !== 'refused',
  );
  return [
    root,
    ...(handsOn(service) ? spoofs(skipped) : []).map((headers): Look => ({ path: '/', headers })),
    ...[...guarded, ...encoded].map(lookFor),
    ...(handsOn(service) ? waysOut(outpostPath).filter(isGuarded) : []).map(
      (path): Look => ({ ...lookFor(path), outpost: true }),
    ),
  ];
}

/** Calls without a signature, to paths that no gate of their own guards: of an action, and of a push. */
function calls(service: Service): readonly Look[] {
  const actions = service.gate.type === 'webhook' ? service.gate.actions : [];
  const [action, push] = [actions.map((name) => `/hooks/actions/${name}`), ['/hooks/git']].map((paths) =>
    paths.find((path) => {
      const door = doorAt(service, path);
      return door !== 'refused' && isCallGate(door.gate);
    }),
  );
  return [action, push].flatMap((path): Look[] => (path === undefined ? [] : [{ path, method: 'POST' }]));
}

/**
 * Requests without a valid token, and such as claim to be an operation: nothing of them may reach the application, and
 * what is judged has to be what was asked.
 */
function withoutToken({ gate }: Service): readonly Look[] {
  if (gate.type !== 'jwt') return [];
  const [operation] = gate.operations;
  const path = operation?.path.replaceAll(/\{[^/]*\}/g, 'gates-probe') ?? '/';
  const garbage = gate.from.map((place) =>
    'header' in place ? { [place.header]: 'Bearer gates-probe' } : { cookie: `${place.cookie}=gates-probe` },
  );
  const claims = [
    { 'X-Forwarded-Host': 'gates-probe.invalid' },
    { 'X-Forwarded-Method': 'OPTIONS' },
    { 'X-Forwarded-Uri': path },
  ];
  return [
    { path },
    ...garbage.map((headers): Look => ({ path, headers })),
    ...claims.map((headers): Look => ({ path: '/gates-probe', headers })),
  ];
}

/** In mode proxy the outpost answers by itself: what it judges is what it hands on, whatever it believes. */
function handsOn({ gate }: Service): boolean {
  return gate.type === 'authentik' && gate.mode !== 'proxy';
}

/** The path that the outpost keeps for itself on every host: an origin that asks about it always gets a yes. */
const outpostPath = '/outpost.goauthentik.io';

function spoofs(skipped: readonly PathException[]): readonly Readonly<Record<string, string>>[] {
  return [
    { 'X-Forwarded-Host': 'gates-probe.invalid' },
    { 'X-Forwarded-Method': 'OPTIONS' },
    // Asked by 401 and not by a redirect, the outpost reads this one, and takes it before what the origin says.
    { 'X-Original-URI': `${outpostPath}/gates-probe` },
    ...skipped.map(({ prefix, form }) => ({ 'X-Forwarded-Uri': form === 'exact' ? prefix : `${prefix}/x` })),
  ];
}

function neighbours({ prefix }: PathException): readonly string[] {
  return [`${prefix}z`, prefix.toUpperCase(), ...waysOut(prefix)];
}

/** Paths in which dots lead out of the path again, for a server that resolves them. */
function waysOut(prefix: string): readonly string[] {
  return [`${prefix}/../gates-probe`, `${prefix}%2F..%2Fgates-probe`];
}

/** A path as those read it who decode its slashes and resolve its dots. */
function resolved(path: string): string {
  return new URL(path.replaceAll('%2F', '/'), 'http://origin.invalid').pathname;
}

/**
 * Paths that the outpost takes for an exception and the application may not, because only one of them decodes
 * slashes. In mode proxy nothing between the two could distinguish them.
 */
function encodings({ prefix, form }: PathException): readonly string[] {
  const inner = `/${prefix.slice(1).replaceAll('/', '%2F')}`;
  return form === 'subtree' ? [`${inner}%2Fgates-probe`] : inner === prefix ? [] : [inner];
}

function lookFor(path: string): Look {
  return path.includes('%2F') ? { path, encoded: true } : { path };
}

function isOwnDoor(door: Door | 'refused'): boolean {
  return door !== 'refused' && door.path === undefined;
}

function coverOf({ name, host }: Service, owner: string): DesiredObject {
  const spec: Linked<AccessApplicationSpec> = {
    name: host,
    destinations: [host],
    policies: [policyId(probeKey)],
    bypass: false,
    waysAround: [],
  };
  const address = { kind: 'cloudflare/access-application', key: host } as const;
  return { address, spec, needs: [tagId(owner)], because: `services.${name}` };
}

const probeToken: DesiredObject<ServiceTokenSpec> = {
  address: { kind: 'cloudflare/service-token', key: probeKey },
  spec: { duration: 'forever', enabled: true, secret: 'kept', expendable: true, deliver: [] },
  because: 'services',
};

const probePolicySpec: Linked<AccessPolicySpec> = {
  decision: 'non_identity',
  include: [{ service_token: { token_id: tokenId(probeKey) } }],
  require: [],
  exclude: [],
};

const probePolicy: DesiredObject = {
  address: { kind: 'cloudflare/access-policy', key: probeKey },
  spec: probePolicySpec,
  because: 'services',
};
