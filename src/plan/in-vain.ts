import { isUncovering } from '../core/change.ts';
import { isAtHost } from '../core/objects/door.ts';
import type { Draft } from './draft.ts';
import { type Ordered, order } from './order.ts';

/**
 * Orders drafts so that no host is closed in vain. If the steps that open a host again wait for a refused draft, the
 * closing waits for it too, and so does everything after the closing at that host, except what takes a path from
 * everybody. A closing that waits may make another one wait.
 */
export function orderWithoutVain(drafts: readonly Draft[], kinds: readonly string[]): readonly Ordered[] {
  const ordered = order(drafts, kinds);
  const closings = drafts.filter(({ interim, verb }) => interim !== undefined && verb !== 'refuse');
  if (closings.length === 0 || !drafts.some(({ verb }) => verb === 'refuse')) return ordered;
  const refusedBy = waitingFor(ordered);
  const needs = new Map(
    closings.flatMap(({ id, interim = '' }) => {
      const opening = ordered.find(({ draft }) => opens(draft, interim) && refusedBy.has(draft.id))?.draft.id;
      const refusal = opening === undefined || refusedBy.has(id) ? undefined : refusedBy.get(opening);
      return refusal === undefined ? [] : [[id, refusal] as const];
    }),
  );
  if (needs.size === 0) {
    const vain = new Set(closings.flatMap(({ id }) => (refusedBy.has(id) ? [id] : [])));
    return vain.size === 0 ? ordered : order(drafts, kinds, vain);
  }
  const waitingDrafts = drafts.map((draft) => {
    const refusal = needs.get(draft.id);
    return refusal === undefined ? draft : { ...draft, needs: [...draft.needs, refusal] };
  });
  return orderWithoutVain(waitingDrafts, kinds);
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

function opens(draft: Draft, host: string): boolean {
  if (draft.interim !== undefined) return false;
  return draft.doors.some(
    ({ host: at, step, cover }) =>
      isAtHost(at, host) && (opening.has(step) || cover === true || isUncovering(draft)),
  );
}
