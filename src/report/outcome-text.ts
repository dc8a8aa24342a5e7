import type { Change, Plan } from '../core/change.ts';
import { describeError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import { makePaint } from './paint.ts';
import { paragraph } from './screen.ts';
import { nameOfChange } from './step-name.ts';

export interface OutcomeOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** What stands before it, such as its number: `[ 3/20] `. */
  readonly place: string;
}

/** A change that has been carried out, or that failed and why. */
export function outcomeLines(
  change: Change,
  { status, error }: Outcome,
  { color, width, place }: OutcomeOptions,
): readonly string[] {
  const paint = makePaint(color);
  const what = nameOfChange(change);
  if (status !== 'failed') return paragraph(what, width, `${place}${paint.good('done')}     `);
  return paragraph(`${what}: ${describeError(error)}`, width, `${place}${paint.bad('failed')}   `);
}

export interface SkippedOptions {
  readonly color: boolean;
  readonly width: number;
  /** Include refused changes: for a reader who has not seen the plan. */
  readonly refused: boolean;
}

/**
 * Skipped changes, once for each cause: a change that failed or was refused, or the reason that a change itself has.
 *
 * `skipped  3 changes of services.wiki: waiting for verify edge/proof wiki.example.dev`
 */
export function skippedLines(
  { changes }: Plan,
  outcomes: readonly Outcome[],
  { color, width, refused }: SkippedOptions,
): readonly string[] {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const skipped = new Map(
    outcomes.filter(({ status }) => status === 'skipped').map((outcome) => [outcome.change, outcome]),
  );
  const causeOf = (id: string): string => {
    const needs = byId.get(id)?.needs ?? [];
    const stuck = needs.map((one) => byId.get(one)).find((one) => one && isStuck(one, outcomes));
    if (stuck !== undefined) return `waiting for ${nameOfChange(stuck)}`;
    const need = needs.find((one) => skipped.has(one));
    if (need !== undefined) return causeOf(need);
    return skipped.get(id)?.reason ?? 'no reason was given';
  };
  const byCause = new Map<string, Change[]>();
  for (const id of skipped.keys()) {
    const change = byId.get(id);
    const cause = causeOf(id);
    const isTold = change !== undefined && (refused || change.verb !== 'refuse');
    if (isTold) byCause.set(cause, [...(byCause.get(cause) ?? []), change]);
  }
  const lead = `${makePaint(color).warn('skipped')}  `;
  return [...byCause].flatMap(([cause, waiting]) => {
    const entries = [...new Set(waiting.map(({ because, address }) => because ?? address.key))];
    const count = waiting.length === 1 ? '1 change' : `${waiting.length} changes`;
    return paragraph(`${count} of ${entries.join(', ')}: ${cause}`, width, lead);
  });
}

function isStuck({ id, verb }: Change, outcomes: readonly Outcome[]): boolean {
  return verb === 'refuse' || outcomes.some(({ change, status }) => change === id && status === 'failed');
}

/** `Applied: 12 done, 1 failed, 2 skipped.` */
export function outcomeSummary(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [`${count('done')} done`];
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  if (count('skipped') > 0) parts.push(`${count('skipped')} skipped`);
  return `Applied: ${parts.join(', ')}.`;
}
