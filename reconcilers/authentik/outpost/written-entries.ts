import type { ReadyChange } from '../../../src/core/change.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { World } from '../../../src/core/world.ts';
import { done, failed } from '../../shared/carry-out.ts';
import { editProviders } from './outpost-providers.ts';

/** The place of an entry: an outpost and one of its providers, by their ids. */
export interface EntryPlace {
  readonly outpost: string;
  readonly provider: string;
}

/** Makes changes of entries, outpost by outpost. */
export async function writeEntries<Spec extends EntryPlace>(
  changes: readonly ReadyChange<Spec>[],
  world: World,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [id, group] of byOutpost(changes)) outcomes.push(...(await writeOutpost(id, group, world)));
  return outcomes;
}

function byOutpost(
  changes: readonly ReadyChange<EntryPlace>[],
): ReadonlyMap<string, readonly ReadyChange<EntryPlace>[]> {
  const groups = new Map<string, ReadyChange<EntryPlace>[]>();
  for (const change of changes) {
    const id = change.want?.outpost ?? change.have?.spec.outpost ?? '';
    groups.set(id, [...(groups.get(id) ?? []), change]);
  }
  return groups;
}

/** Makes all changes of an outpost in one write, because a write replaces the complete list. */
async function writeOutpost(
  id: string,
  changes: readonly ReadyChange<EntryPlace>[],
  world: World,
): Promise<readonly Outcome[]> {
  const into = changes.flatMap(({ want }) => (want === undefined ? [] : [Number(want.provider)]));
  const out = changes.flatMap(({ want, have }) =>
    want === undefined && have !== undefined ? [Number(have.spec.provider)] : [],
  );
  try {
    await editProviders(world, id, (live) => merged(live, into, out));
    return changes.map((change) => done(change as ReadyChange<unknown>, {}));
  } catch (error) {
    return changes.map((change) => failed(change as ReadyChange<unknown>, error));
  }
}

/** The list after the edit. Foreign entries stay, in their order. */
function merged(live: readonly number[], into: readonly number[], out: readonly number[]): readonly number[] {
  return [...new Set([...live.filter((pk) => !out.includes(pk)), ...into])];
}
