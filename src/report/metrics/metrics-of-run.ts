import type { Change } from '../../core/change.ts';
import type { EndedRun } from '../history/history.ts';

/** The number of changes with one verb and one outcome. */
export interface ChangeCount {
  readonly kind: string;
  readonly verb: Change['verb'];
  readonly outcome: 'done' | 'failed' | 'skipped' | 'refused' | 'planned';
  readonly count: number;
}

/**
 * The number of changes by verb and outcome. It does not count kept objects, nor objects that gates refuses because it
 * could not read the kind.
 */
export function countChanges(report: EndedRun['report']): readonly ChangeCount[] {
  const { plan, outcomes = [] } = report ?? {};
  const blind = new Set(plan?.unknown.map(({ kind }) => kind));
  const statuses = new Map(outcomes.map(({ change, status }) => [change, status]));
  const counts = new Map<string, ChangeCount>();
  for (const { id, verb, address } of plan?.changes ?? []) {
    if (verb === 'keep' || (verb === 'refuse' && blind.has(address.kind))) continue;
    const outcome = verb === 'refuse' ? 'refused' : (statuses.get(id) ?? 'planned');
    const key = `${address.kind} ${verb} ${outcome}`;
    counts.set(key, { kind: address.kind, verb, outcome, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/** The number of changes that were carried out, without checks and without updates that time alone causes. */
export function countDone(report: EndedRun['report']): number {
  const foreseen = new Set(report?.plan?.changes.filter((change) => change.foreseen).map(({ id }) => id));
  const done = countChanges({
    ...report,
    outcomes: report?.outcomes?.filter(({ change }) => !foreseen.has(change)) ?? [],
  }).filter(({ verb, outcome }) => outcome === 'done' && verb !== 'verify');
  return done.reduce((sum, { count }) => sum + count, 0);
}
