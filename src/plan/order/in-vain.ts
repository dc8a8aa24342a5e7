import { isUncovering } from '../../core/change.ts';
import { type DoorEffect, isAtHost } from '../../core/objects/door.ts';
import type { Draft } from '../drafts/draft.ts';
import type { IsApart } from './need-edge.ts';
import { type Ordered, order } from './order.ts';
import { apartFromRefused, type SharedHosts } from './refused-hosts.ts';
import { allBefore, repeatedPurges } from './repeated-purges.ts';

/**
 * Orders drafts so that no host is closed in vain. If the steps that open a host again wait for a refused draft, the
 * closing waits for it too, and so does everything after the closing at that host, except what takes a path from
 * everybody. A closing that waits may make another one wait. The closing also waits for the checks of other hosts that
 * those steps wait for: a check that fails in every run would otherwise close the host, and reopen it, in every run.
 * A purge that would be repeated in every run waits likewise (`repeatedPurges`).
 */
export function orderWithoutVain(
  drafts: readonly Draft[],
  kinds: readonly string[],
  hosts?: SharedHosts,
): readonly Ordered[] {
  const ordered = order(drafts, kinds);
  const isApart = hosts && apartFromRefused(ordered, hosts);
  return withoutVain(drafts, kinds, isApart, isApart === undefined ? ordered : undefined);
}

function withoutVain(
  drafts: readonly Draft[],
  kinds: readonly string[],
  isApart: IsApart | undefined,
  ordered = order(drafts, kinds, { isApart }),
): readonly Ordered[] {
  // Those that need each other have been refused.
  const possible = ordered.map(({ draft }) => draft);
  const closings = possible.filter(({ interim, verb }) => interim !== undefined && verb !== 'refuse');
  const refusedBy = waitingFor(ordered);
  const needs = waitsFor(closings, ordered, refusedBy);
  if (needs.size === 0) {
    const vain = new Set(closings.flatMap(({ id }) => (refusedBy.has(id) ? [id] : [])));
    return vain.size === 0 ? ordered : order(possible, kinds, { vain, isApart });
  }
  const waitingDrafts = possible.map((draft) => {
    const own = needs.get(draft.id);
    return own === undefined ? draft : { ...draft, needs: [...draft.needs, ...own] };
  });
  return withoutVain(waitingDrafts, kinds, isApart);
}

/** The additional needs of closings and purges, by their ids. */
function waitsFor(
  closings: readonly Draft[],
  ordered: readonly Ordered[],
  refusedBy: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  if (closings.length === 0) return repeatedPurges(ordered);
  const openings = openingsIn(ordered, new Set(closings.flatMap(({ interim }) => interim ?? [])));
  const refusals = refusalsFor(closings, refusedBy, openings);
  if (refusals.size > 0) return refusals;
  const checks = checksFor(closings, ordered, openings);
  return checks.size > 0 ? checks : repeatedPurges(ordered);
}

/** The refused draft for which each closing has to wait, by the closing's id. */
function refusalsFor(
  closings: readonly Draft[],
  refusedBy: ReadonlyMap<string, string>,
  openings: Openings,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    closings.flatMap(({ id, interim = '' }) => {
      const opening = openings.get(interim)?.find((step) => refusedBy.has(step));
      const refusal = opening === undefined || refusedBy.has(id) ? undefined : refusedBy.get(opening);
      return refusal === undefined ? [] : [[id, [refusal]] as const];
    }),
  );
}

/** The checks of other hosts for which each closing has to wait, by the closing's id: none that needs the closing itself. */
function checksFor(
  closings: readonly Draft[],
  ordered: readonly Ordered[],
  openings: Openings,
): ReadonlyMap<string, readonly string[]> {
  const needs = new Map(ordered.map(({ draft, needs: own }) => [draft.id, own]));
  const checks = ordered.flatMap(({ draft }) => (draft.verb === 'verify' ? [draft] : []));
  const found = new Map<string, readonly string[]>();
  for (const [host, steps] of openings) {
    const before = allBefore(steps, needs);
    const elsewhere = checks.filter(({ id, doors }) => before.has(id) && !isAt(doors, host));
    for (const { id } of elsewhere.length === 0 ? [] : closings.filter(({ interim }) => interim === host)) {
      const known = allBefore([id], needs);
      const missing = elsewhere.filter(
        (check) => !known.has(check.id) && !allBefore([check.id], needs).has(id),
      );
      if (missing.length === 0) continue;
      const ids = missing.map((check) => check.id);
      found.set(id, ids);
      needs.set(id, [...(needs.get(id) ?? []), ...ids]);
    }
  }
  return found;
}

function isAt(doors: Draft['doors'], host: string): boolean {
  return doors.some((effect) => effect.host === host);
}

/** The refused draft that each draft waits for, by id. A refused draft waits for itself. */
function waitingFor(ordered: readonly Ordered[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { draft, needs } of ordered) {
    const need = needs.find((id) => found.has(id));
    const refusal = draft.verb === 'refuse' ? draft.id : need && found.get(need);
    if (refusal !== undefined) found.set(draft.id, refusal);
  }
  return found;
}

const opening: ReadonlySet<string> = new Set(['route', 'publish', 'prove']);

/** The ids of the steps that open each host again, in their order. */
type Openings = ReadonlyMap<string, readonly string[]>;

function openingsIn(ordered: readonly Ordered[], hosts: ReadonlySet<string>): Openings {
  const found = new Map<string, string[]>([...hosts].map((host) => [host, []]));
  for (const { draft } of ordered) {
    const at = draft.doors.flatMap((effect) => (isOpening(draft, effect) ? [effect.host] : []));
    const opened = at.some((pattern) => pattern.startsWith('*.'))
      ? [...hosts].filter((host) => at.some((pattern) => isAtHost(pattern, host)))
      : at;
    for (const host of new Set(opened)) found.get(host)?.push(draft.id);
  }
  return found;
}

function isOpening(draft: Draft, { step, cover }: DoorEffect): boolean {
  if (draft.interim !== undefined) return false;
  return opening.has(step) || cover === true || isUncovering(draft);
}
