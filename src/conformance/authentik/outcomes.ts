import type { Change, Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';

/** Pending changes, which is what a person calls "the plan is not empty". */
export function pending(plan: Plan): readonly Change[] {
  return plan.changes.filter(({ verb }) => verb !== 'keep' && verb !== 'verify');
}

/** The message of every failure, for an assertion that says what went wrong. */
export function failures(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .filter(({ status }) => status !== 'done')
    .map(({ change, status, error, reason }) =>
      [change, status, error === undefined ? reason : describeError(error)].join(': '),
    );
}
