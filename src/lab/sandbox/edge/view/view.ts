import type { Passed } from '../../authentik/api/passing.ts';
import { mayEnter } from '../../authentik/oidc/authorize.ts';
import { trustedIssuers } from '../../authentik/oidc/federation.ts';
import { runningOutpost } from '../../authentik/outpost/outpost-load.ts';
import { normalizedPath } from '../../expressions/request-path.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import type { Place } from '../../state/lagging.ts';
import type { OutpostLoad } from '../../state/login-rows.ts';
import type { AccessApp, AccessPolicy, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import { type AccessDoor, coversHost, doorsOf, mostSpecific } from './access-door.ts';
import { type CacheRules, type CacheSettings, cacheRulesOfZone } from './cache-rules.ts';
import { type Ingress, ingressFor } from './ingress.ts';
import { withGroups } from './policy-decision.ts';
import { indexRecords, type RecordIndex, type Resolution, resolveHost } from './resolution.ts';
import { seenAt } from './seen-world.ts';
import { rulesOfZone, type ZoneRules, zoneOf } from './zone-rules.ts';

/**
 * A world as the edge sees it, with a cache for frequent lookups. Valid until the world changes: make one for each
 * request, and one for each judgment of the oracle.
 */
export interface EdgeView {
  /** As the edge knows it, without changes on their way. */
  readonly world: World;
  /** The world itself, for what the edge stores. */
  readonly actual: World;
  /** Epoch milliseconds of virtual time. */
  readonly now: number;
  resolve(host: string): Resolution;
  /** Every Access destination that covers `host`. */
  doors(host: string): readonly AccessDoor[];
  /** The application that guards `path` (as sent) on `host`, or undefined. */
  guardingDoor(host: string, path: string): AccessDoor | undefined;
  /** The answer of the tunnel behind `host` for `path` (as sent). */
  ingress(tunnelId: string, host: string, path: string): Ingress;
  /** True if a moment, as RFC 3339, has passed. */
  isPast(moment: string): boolean;
  /** The policies of an application, by precedence. */
  policies(app: AccessApp): readonly AccessPolicy[];
  /** The load of an outpost; by default of the embedded one. */
  outpost(name: string | undefined): OutpostLoad | undefined;
  /** The rules of a host's zone that come before Access; null if there are none. */
  rules(host: string): ZoneRules | null;
  /** The cache rules for a host; null if no cache is played. */
  cacheRules(host: string): CacheRules | null;
  /** The settings of `cacheRules` for hosts whose paths all have the same. */
  readonly cacheSettings: Map<string, CacheSettings>;
  /** True if a provider logs this person in, who passes these flows and policies. */
  mayEnter(provider: number, user: UserRow, passed?: Passed): boolean;
  /** True if a provider accepts this person: by its login, or by the token of a provider that it trusts. */
  mayPass(provider: number, user: UserRow, passed?: Passed): boolean;
}

/** `place`: the part whose knowledge counts, the edge or the team's login service. */
export function viewOf(given: World, place: Place = 'edge'): EdgeView {
  const world = seenAt(place, given);
  const time = now(world);
  let index: RecordIndex | undefined;
  const resolutions = new Map<string, Resolution>();
  let allDoors: readonly AccessDoor[] | undefined;
  const doors = new Map<string, readonly AccessDoor[]>();
  const guarding: ByPlace<AccessDoor | undefined> = new Map();
  const ingresses: ByPlace<Ingress> = new Map();
  const past = new Map<string, boolean>();
  const policies = new Map<string, readonly AccessPolicy[]>();
  const outposts = new Map<string | undefined, OutpostLoad | undefined>();
  const entries = new Map<string, boolean>();
  const rules = new Map<string, ZoneRules | null>();
  const cacheRules = new Map<string, CacheRules>();
  const cacheRulesAt = new Map<string, CacheRules | null>();
  const rulesAt = new Map<string, ZoneRules | null>();

  const doorsAt = (host: string) =>
    remembered(doors, host, () => {
      allDoors ??= world.apps.flatMap(doorsOf);
      return allDoors.filter((door) => coversHost(door, host));
    });
  const mayLogIn = (provider: number, user: UserRow, passed: Passed = []) =>
    remembered(entries, `${user.uuid}/${provider}/${passed.join()}`, () =>
      mayEnter(world, provider, user, passed),
    );
  return {
    world,
    actual: given,
    now: time,
    resolve: (host) => {
      index ??= indexRecords(world);
      return remembered(resolutions, host, () => resolveHost(world, index as RecordIndex, host));
    },
    doors: doorsAt,
    guardingDoor: (host, path) =>
      remembered(at(guarding, host), path, () => mostSpecific(doorsAt(host), normalizedPath(path))),
    ingress: (tunnelId, host, path) =>
      remembered(at(ingresses, host), path, () => ingressFor(world, tunnelId, host, path)),
    isPast: (moment) => remembered(past, moment, () => Date.parse(moment) <= time),
    policies: (app) => remembered(policies, app.id, () => policiesOf(world, app)),
    outpost: (name) => remembered(outposts, name, () => runningOutpost(world, name)),
    rules: (host) =>
      remembered(rulesAt, host, () => {
        const zone = zoneOf(world, host);
        return zone === undefined ? null : remembered(rules, zone.id, () => rulesOfZone(world, zone));
      }),
    cacheSettings: new Map(),
    cacheRules: (host) =>
      remembered(cacheRulesAt, host, () => {
        const zone = world.playsCache === true ? zoneOf(world, host) : undefined;
        if (zone === undefined) return null;
        return remembered(cacheRules, zone.id, () => cacheRulesOfZone(world, zone));
      }),
    mayEnter: mayLogIn,
    mayPass: (provider, user, passed) =>
      trustedIssuers(world, provider).some((issuer) => mayLogIn(issuer, user, passed)),
  };
}

function policiesOf(world: World, app: AccessApp): AccessPolicy[] {
  return app.policies
    .toSorted((left, right) => left.precedence - right.precedence)
    .flatMap((link) => world.policies.find((policy) => policy.id === link.id) ?? [])
    .map((policy) => withGroups(policy, world.accessGroups ?? []));
}

/** Results by host, then by path: a single key of both would cost more than the rest at a known place. */
type ByPlace<T> = Map<string, Map<string, T>>;

function at<T>(memory: ByPlace<T>, host: string): Map<string, T> {
  const known = memory.get(host) ?? new Map<string, T>();
  memory.set(host, known);
  return known;
}

function remembered<K, T>(memory: Map<K, T>, key: K, find: () => T): T {
  const known = memory.get(key);
  if (known !== undefined || memory.has(key)) return known as T;
  const found = find();
  memory.set(key, found);
  return found;
}
