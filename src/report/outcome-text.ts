import type { Change } from '../core/change.ts';
import { describeError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import { makePaint } from './paint.ts';

/** One line for a change that has been carried out, or not. */
export function formatOutcome(
  change: Change,
  outcome: Outcome,
  options: { readonly color: boolean },
): string {
  const paint = makePaint(options.color);
  const what = `${change.verb} ${change.address.kind} ${change.address.key}`;
  if (outcome.status === 'done') return `${paint.good('done')}     ${what}`;
  if (outcome.status === 'skipped') return `${paint.warn('skipped')}  ${what}: ${outcome.reason ?? ''}`;
  return `${paint.bad('failed')}   ${what}: ${describeError(outcome.error)}`;
}

/** `Applied: 12 done, 1 failed, 2 skipped.` */
export function outcomeSummary(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [`${count('done')} done`];
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  if (count('skipped') > 0) parts.push(`${count('skipped')} skipped`);
  return `Applied: ${parts.join(', ')}.`;
}
