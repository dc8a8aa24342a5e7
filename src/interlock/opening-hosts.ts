import type { KnownDoor } from '../doors/interlock.ts';
import type { ComparedDoor } from '../doors/state/snapshot.ts';
import { type InterlockGround, interlockOf, statesOf } from './run-ends.ts';
import type { PlannedChange } from './run-states.ts';

/**
 * The hosts, of the given ones, at which each change would let somebody in whom neither the state at the start of the run nor the file
 * admits, if only `made` and the changes before it have been made, without those that open such a host. The run's interlock would hold such a
 * change back, but for two cases (below). The planner asks about changes for many hosts, at hosts where something is refused (decision 38).
 */
export function openingHosts(
  ground: InterlockGround,
  changes: readonly PlannedChange[],
  hosts: ReadonlySet<string>,
  made: readonly PlannedChange[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const states = statesOf(ground);
  // Stricter than the run: objects that stay only because nothing is removed may admit others, and an application of Access may belong to
  // somebody else, whose people must not get the login of a domain behind it.
  const interlock = interlockOf(states, () => false, { isAccessWhole: false });
  let live = made.reduce((state, change) => states.after(state, change), states.start);
  interlock.look(live.store, hosts);
  const reached = new Map<ComparedDoor, KnownDoor>();
  const found = new Map<string, ReadonlySet<string>>();
  for (const change of changes) {
    const { entries, changed } = states.changeTo(live, change);
    const after = live.with(entries, 'arrived');
    const { newcomersAt, doors } = interlock.step(after.store, changed, reached);
    if (newcomersAt.length > 0) {
      found.set(change.id, new Set(newcomersAt.map(({ host }) => host)));
      continue;
    }
    live = after;
    for (const [door, known] of doors) reached.set(door, known);
  }
  return found;
}
