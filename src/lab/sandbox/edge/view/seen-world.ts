import { type Lagging, lagging, type Place, type Row } from '../../state/lagging.ts';
import type { Pending, World } from '../../state/world.ts';

/** The world as a place knows it: the same if nothing is on its way there. */
export function seenAt(place: Place, world: World): World {
  const { pending = [] } = world;
  if (pending.length === 0) return world;
  let seen = world;
  for (const of of lagging) {
    if (!of.at.includes(place)) continue;
    const own = pending.filter((each) => each.of === of.name);
    if (own.length > 0) seen = { ...seen, ...of.put(seen, visible(of, of.rows(world), own)) };
  }
  return seen;
}

/** The rows that a place sees. Deleted ones come first, so that they keep precedence. */
function visible({ ordered }: Lagging, rows: readonly Row[], pending: readonly Pending[]): readonly Row[] {
  const firsts = new Map(pending.toReversed().map((each) => [each.id, each.before as Row | undefined]));
  const ids = new Set(rows.map(({ id }) => id));
  const past = [...firsts].flatMap(([id, before]) => (ids.has(id) || before === undefined ? [] : [before]));
  const known = rows.flatMap((row) => (firsts.has(row.id) ? (firsts.get(row.id) ?? []) : row));
  const all = [...past, ...known];
  return ordered === true ? all.sort((one, other) => Number(one.at) - Number(other.at)) : all;
}
