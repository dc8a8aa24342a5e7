import type { Change, Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';

/** Pending changes; a plan with some of them is not empty. */
export function pending(plan: Plan): readonly Change[] {
  return plan.changes.filter(({ verb }) => verb !== 'keep' && verb !== 'verify');
}

/** The message of every failure, so that an assertion shows the errors. */
export function failures(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .filter(({ status }) => status !== 'done')
    .map(({ change, status, error, reason }) =>
      [change, status, error === undefined ? reason : describeError(error)].join(': '),
    );
}
