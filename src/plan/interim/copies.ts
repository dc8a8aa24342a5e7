import { addressId, type Kind } from '../../core/objects/address.ts';
import { type DoorEffect, type DoorStep, isAtHost } from '../../core/objects/door.ts';
import { frozenHosts } from '../../core/objects/frozen-hosts.ts';
import type { Desired, Unstored } from '../../core/objects/object.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import { type Draft, draftId } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import { liesIn } from '../order/door-edges.ts';
import { isTaking, takesFromInner } from './around.ts';
import { isRelease } from './releases.ts';

/**
 * Adds the purges of a plan. Cloudflare's cache answers before the tunnel, so a closed route does not protect a stored
 * copy. Three sorts of hosts are purged:
 * - a host that leaves the file: once its route is closed, and before its guards are removed. Its name may still
 *   resolve, for example by a wildcard. A host that earlier runs served is purged even if nothing of it is left;
 * - a host that loses the gates of a path and of another path within it, before these are removed. In between, one gate stands at the
 *   path of the other, and only the tunnel refuses its people. Copies may exist there, if somebody removed the cache rule;
 * - a host that was served before and that nothing may store from now on: once the edge is seen to obey. Where Access
 *   guards the host, nobody can see that: then once the rule is written, and before an application releases a path.
 *
 * The next run plans a purge again if it was not done, because the objects that wait for it still exist, or because a run notes the
 * hosts that it serves. While the objects exist it does so even if the purge was done, so a purge waits for what they wait for
 * (`repeatedPurges`). `served`: the hosts that earlier runs served, and of which none purged the copies since they left the file.
 */
export function dropCopies(
  known: Known,
  desired: Pick<Desired, 'scope' | 'unstored' | 'refusals' | 'watched'>,
  drafts: readonly Draft[],
  served: readonly string[] = [],
): readonly Draft[] {
  const reconciler = [...known.reconcilers.values()].find(({ traits }) => traits?.copies === true);
  if (reconciler === undefined) return drafts;
  const { unstored = [] } = desired;
  const moving = drafts.filter(({ verb }) => verb !== 'keep' && verb !== 'refuse');
  const closed = leavingHosts(known, moving, ({ verb }) => verb === 'update', ['close']);
  const left = leavingHosts(known, moving, ({ verb }) => verb === 'prune', ['unroute', 'unguard']);
  const unstoring = purgesBefore(known, reconciler, unstored, moving);
  const isUnstored = (host: string) => unstoring.some(({ address }) => address.key === host);
  const removed = new Set([...left, ...nestedHosts(moving).filter((host) => !isUnstored(host))]);
  const once = new Set(
    [...closed, ...goneHosts(known, desired, served)].filter((host) => !removed.has(host)),
  );
  const purges = [
    ...[...removed].map((host) => ({ ...purgeOf(known, reconciler, { host, step: 'purge' }), ...repeated })),
    ...[...once].map((host) => purgeOf(known, reconciler, { host, step: 'purge' })),
    ...unstoring,
  ];
  const added = new Set(purges.map(({ id }) => id));
  const others = drafts.filter(({ id }) => !added.has(id));
  const rulings = rulingsOf(unstored, moving);
  return [...others.map((draft) => afterwards(known, draft, purges, rulings)), ...purges];
}

const repeated = { repeats: true } as const;

/** Hosts at which such a change takes one of these steps, and that no object of the file serves or guards any more. */
function leavingHosts(
  known: Known,
  moving: readonly Draft[],
  isSuch: (draft: Draft) => boolean,
  steps: readonly DoorStep[],
): readonly string[] {
  const effects = moving.filter(isSuch).flatMap(({ doors }) => doors);
  const hosts = effects.flatMap(({ host, step }) => (steps.includes(step) ? [host] : []));
  return [...new Set(hosts)].filter((host) => !host.startsWith('*.') && !isServed(known, host));
}

/** Hosts that were served, in zones of the file, and that neither the file nor a route that gates has left serves any more. */
function goneHosts(
  known: Known,
  desired: Pick<Desired, 'scope' | 'refusals' | 'watched'>,
  served: readonly string[],
): readonly string[] {
  const frozen = frozenHosts(desired);
  const isManaged = (host: string) =>
    desired.scope.zones.some((zone) => host === zone || host.endsWith(`.${zone}`));
  const left = served.filter((host) => isManaged(host) && !isServed(known, host) && !frozen.has(host));
  const isRoute = (kind: Kind) => known.reconcilers.get(kind)?.route?.closed !== undefined;
  if (left.length === 0 || [...known.unknown.keys()].some(isRoute)) return [];
  const led = standingHosts(known, ({ step, live }) => step === 'unroute' && live === true);
  return left.filter((host) => !led.has(host));
}

function isServed({ routes, guarded }: Known, host: string): boolean {
  return (routes.get(host)?.size ?? 0) > 0 || guarded.has(host);
}

/** Hosts that lose two gates, of which one lies within the other. */
function nestedHosts(moving: readonly Draft[]): readonly string[] {
  const removals = moving.filter(({ verb }) => verb === 'prune').flatMap(({ doors }) => doors);
  const gates = removals.filter(({ step, part }) => step === 'unguard' && part !== undefined);
  const inner = gates.filter(({ host, part }) =>
    gates.some((outer) => outer.host === host && liesIn(part, outer.part)),
  );
  return [...new Set(inner.map(({ host }) => host))];
}

/** The purges of hosts that nothing may store from now on, and that may have stored copies. */
function purgesBefore(
  known: Known,
  reconciler: AnyReconciler,
  unstored: readonly Unstored[],
  moving: readonly Draft[],
): readonly Draft[] {
  const rulings = rulingsOf(unstored, moving);
  const looks = new Map(
    moving
      .filter(({ verb }) => verb === 'verify')
      .flatMap((draft) =>
        draft.doors.flatMap(({ step, host }) => (step === 'prove' ? [[host, draft] as const] : [])),
      ),
  );
  const purges = unstored.flatMap(({ host, because }) => {
    const ruling = rulings.get(host);
    const look = looks.get(host);
    const { covered, cache } = (look?.want ?? {}) as { readonly covered?: boolean; readonly cache?: unknown };
    if (ruling === undefined && covered !== true) return [];
    const isSeen = look !== undefined && cache !== undefined;
    const needs = [isSeen ? look.id : ruling?.id].filter((id) => id !== undefined);
    const purge = purgeOf(known, reconciler, { host, step: isSeen ? 'purge' : 'guard' });
    return [{ ...purge, needs, because, ...(covered === true && repeated) }];
  });
  if (purges.length === 0) return [];
  const standing = standingHosts(known);
  return purges.filter(({ address }) => standing.has(address.key));
}

/** The changes by which nothing may store the answers of a host from now on, by the hosts. */
function rulingsOf(unstored: readonly Unstored[], moving: readonly Draft[]): ReadonlyMap<string, Draft> {
  const made = new Map(
    moving.flatMap((draft) => (draft.verb === 'prune' ? [] : [[addressId(draft.address), draft] as const])),
  );
  return new Map(
    unstored.flatMap(({ host, rule }) => {
      const ruling = rule && made.get(rule);
      return ruling === undefined ? [] : [[host, ruling] as const];
    }),
  );
}

/** Hosts at which a live object of ours has an effect: one of this sort, by default any. */
function standingHosts(
  known: Known,
  isSuch: (effect: DoorEffect) => boolean = () => true,
): ReadonlySet<string> {
  const ours = known.objects.filter(({ owner }) => owner === known.owner);
  const effects = ours.flatMap((have) => standingDoors(known, have)).filter(isSuch);
  return new Set(effects.map(({ host }) => host));
}

function purgeOf(
  { owner }: Known,
  reconciler: AnyReconciler,
  effect: { readonly host: string; readonly step: 'purge' | 'guard' },
): Draft {
  const { host } = effect;
  const address = { kind: reconciler.kind, key: host };
  const have = { address, id: `copies of ${host}`, owner, spec: {}, attributes: {}, uses: [] };
  return {
    ...{ id: draftId('prune', { address, have }), verb: 'prune', reconciler, address, have },
    ...{ drift: [], doors: [effect], needs: [] },
    reason: 'copies of earlier answers may remain where the token has no "Cache Purge"',
  };
}

/**
 * A path that an application releases may fall to one that admits everybody, and one that it takes may have been another's: then only
 * the tunnel refuses whom the other does not admit. So both come after the purge. A login admits
 * more people once nothing stores what they get.
 */
function afterwards(
  known: Known,
  draft: Draft,
  purges: readonly Draft[],
  rulings: ReadonlyMap<string, Draft>,
): Draft {
  const movesPath = isRelease(draft) || isTaking(draft);
  const first = purges.filter(
    ({ address: { key: host }, doors }) =>
      doors.some(({ step }) => step === 'guard') &&
      draft.doors.some((effect) => effect.host === host) &&
      (movesPath || takesFromInner(known, host, draft)),
  );
  const admitting = draft.doors.filter(({ admits }) => admits === true);
  const unstoring = [...rulings].flatMap(([host, ruling]) =>
    admitting.some((effect) => isAtHost(effect.host, host)) ? [ruling] : [],
  );
  const needs = [...first, ...unstoring].map(({ id }) => id);
  return needs.length === 0 ? draft : { ...draft, needs: [...new Set([...draft.needs, ...needs])] };
}
