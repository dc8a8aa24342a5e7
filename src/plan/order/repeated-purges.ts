import type { Draft } from '../drafts/draft.ts';
import type { Ordered } from './order.ts';

/** The direct needs of each draft, by ids. */
type Needs = ReadonlyMap<string, readonly string[]>;

/**
 * The checks and refused drafts for which each purge has to wait that the next run would plan again (`Draft.repeats`), by the purge's
 * id: those before the change that waits for the fewest of all that need the purge. If that change cannot be made, the purge would
 * be made for nothing, and again in every run. Whatever guards the copies still exists then.
 */
export function repeatedPurges(ordered: readonly Ordered[]): Needs {
  const found = new Map<string, readonly string[]>();
  const waiting = new Map<string, Ordered[]>();
  for (const { draft } of ordered) if (draft.repeats === true) waiting.set(draft.id, []);
  if (waiting.size === 0) return found;
  const needs = new Map(ordered.map(({ draft, needs: own }) => [draft.id, own]));
  const mayStop = new Set(ordered.flatMap(({ draft: { id, verb } }) => (stops.has(verb) ? [id] : [])));
  for (const one of ordered) {
    if (mayStop.has(one.draft.id)) continue;
    for (const id of new Set(one.needs)) waiting.get(id)?.push(one);
  }
  for (const [purge, later] of waiting) {
    const waits = fewestWaits(purge, later, { needs, mayStop });
    if (waits.length === 0) continue;
    found.set(purge, waits);
    needs.set(purge, [...(needs.get(purge) ?? []), ...waits]);
  }
  return found;
}

/** A plan does not know which of its checks will fail. */
const stops: ReadonlySet<Draft['verb']> = new Set(['verify', 'refuse']);

/** The drafts that may stop the first of `later`, besides those before the purge and those after it. */
function fewestWaits(
  purge: string,
  later: readonly Ordered[],
  { needs, mayStop }: { readonly needs: Needs; readonly mayStop: ReadonlySet<string> },
): readonly string[] {
  const before = allBefore([purge], needs);
  let fewest: readonly string[] | undefined;
  for (const { draft } of [...later].sort((one, other) => one.needs.length - other.needs.length)) {
    const waits = [...allBefore([draft.id], needs)].filter(
      (id) => mayStop.has(id) && !before.has(id) && !allBefore([id], needs).has(purge),
    );
    if (waits.length === 0) return waits;
    if (fewest === undefined || waits.length < fewest.length) fewest = waits;
  }
  return fewest ?? [];
}

/** These drafts, and all that have to be done before them. */
export function allBefore(ids: readonly string[], needs: Needs): ReadonlySet<string> {
  const found = new Set(ids);
  for (const id of found) for (const need of needs.get(id) ?? []) found.add(need);
  return found;
}
