import { type Change, isCarriedOut, type Plan, phases } from '../core/change.ts';
import { doorSteps, stepRank } from '../core/objects/door.ts';

/**
 * The pending changes that may be written together next: of one kind, one phase, one step at the door, and needing
 * nothing that is still pending. Those that are postponed stay pending.
 */
export function nextGroup(
  pending: ReadonlyMap<string, Change>,
  postponed: ReadonlyMap<string, unknown> = new Map(),
): readonly Change[] {
  const ready = [...pending.values()].filter(
    ({ id, needs }) => !postponed.has(id) && needs.every((need) => !pending.has(need)),
  );
  const [first] = [...ready].sort((left, right) => place(left) - place(right));
  if (first === undefined) return [];
  return ready.filter(
    (change) => change.address.kind === first.address.kind && place(change) === place(first),
  );
}

/** Changes that lean on a refused one, directly or not, each with the id of what it waits for. */
export function waiting(plan: Plan): ReadonlyMap<string, string> {
  const refused = new Set(plan.changes.filter(({ verb }) => verb === 'refuse').map(({ id }) => id));
  const found = new Map<string, string>();
  for (const change of plan.changes) {
    if (!isCarriedOut(change) || refused.has(change.id)) continue;
    const need = change.needs.find((id) => refused.has(id) || found.has(id));
    if (need !== undefined) found.set(change.id, need);
  }
  return found;
}

/** The changes that will be carried out, in that order, if nothing fails; a step's number is its place, from 1. */
export function stepsOf(plan: Plan): readonly Change[] {
  const waits = waiting(plan);
  const done = plan.changes.filter(
    (change) => isCarriedOut(change) && change.verb !== 'refuse' && !waits.has(change.id),
  );
  const pending = new Map(done.map((change) => [change.id, change]));
  const steps: Change[] = [];
  for (let group = nextGroup(pending); group.length > 0; group = nextGroup(pending)) {
    for (const change of group) pending.delete(change.id);
    steps.push(...group);
  }
  return steps;
}

/** Step numbers by the id of the change; what is kept, refused or waits has none. */
export function stepNumbers(plan: Plan): ReadonlyMap<string, number> {
  return new Map(stepsOf(plan).map(({ id }, index) => [id, index + 1]));
}

/** Smaller is earlier: the phase, and within it the step at the door. */
function place(change: Change): number {
  const ranks = change.doors.map((effect) => stepRank(effect.step));
  return phases.indexOf(change.phase) * doorSteps.length + (ranks.length === 0 ? 0 : Math.min(...ranks));
}
