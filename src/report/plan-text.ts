import { stepNumbers, waiting } from '../apply/turns.ts';
import { type Change, type Plan, phases, type Verb } from '../core/change.ts';
import { fieldLines, phaseTitles, refusedChanges, signs, unknownLines } from './change-lines.ts';
import type { DoorKind } from './doors.ts';
import { doorLines } from './doors-text.ts';
import { makePaint, type Paint } from './paint.ts';
import { stepName } from './step-name.ts';

export interface PlanTextOptions {
  readonly color: boolean;
  /** What the kinds of the plan say about doors. */
  readonly kinds: readonly DoorKind[];
}

/**
 * The plan as a person reads it before saying yes: like a diff, its steps numbered in the order in which they will
 * be done, and then what each host goes through.
 */
export function formatPlan(plan: Plan, { color, kinds }: PlanTextOptions): string {
  const paint = makePaint(color);
  const numbers = stepNumbers(plan);
  const width = `${numbers.size}`.length;
  // What waits has no number, and comes last.
  const numberOf = ({ id }: Change) => numbers.get(id) ?? numbers.size + 1;
  const numbered = (change: Change) => `${numbers.get(change.id) ?? ''}`.padStart(width);
  const shown = plan.changes.filter((change) => change.verb !== 'keep');
  const lines: string[] = [];
  for (const phase of phases) {
    const changes = shown
      .filter((change) => change.phase === phase && change.verb !== 'refuse')
      .sort((left, right) => numberOf(left) - numberOf(right));
    if (changes.length === 0) continue;
    lines.push(
      paint.strong(phaseTitles[phase]),
      ...changes.flatMap((change) => changeLines(change, numbered(change), paint)),
      '',
    );
  }
  const refused = refusedChanges(plan);
  if (refused.length > 0) {
    lines.push(paint.strong('Refused: a person has to decide'));
    lines.push(...refusedLines(refused, ' '.repeat(width), paint), '');
  }
  lines.push(...waitingLines(plan, paint));
  lines.push(...doorLines(plan, kinds, paint));
  lines.push(...unknownLines(plan).map(paint.bad));
  lines.push(...plan.warnings.map((warning) => paint.warn(`warning: ${warning}`)));
  lines.push(summaryLine(plan));
  return `${lines.join('\n')}\n`;
}

/** `Plan: 3 to create, 1 to update; 12 stay as they are.` */
export function summaryLine(plan: Plan): string {
  const count = (verb: Verb) => plan.changes.filter((change) => change.verb === verb).length;
  const parts = (['create', 'adopt', 'update', 'replace', 'prune', 'verify'] as const)
    .map((verb) => [count(verb), verb] as const)
    .filter(([number]) => number > 0)
    .map(([number, verb]) => `${number} to ${verb}`);
  if (count('refuse') > 0) parts.push(`${count('refuse')} refused`);
  const kept = count('keep');
  const still = kept === 1 ? '1 stays as it is' : `${kept} stay as they are`;
  return parts.length === 0 ? `Nothing to do: ${still}.` : `Plan: ${parts.join(', ')}; ${still}.`;
}

function changeLines(change: Change, number: string, paint: Paint): readonly string[] {
  const sign = signs[change.verb];
  const tint =
    { create: paint.good, adopt: paint.good, prune: paint.bad, refuse: paint.bad }[change.verb as 'create'] ??
    paint.warn;
  const because = change.because === undefined ? '' : paint.quiet(`  (${change.because})`);
  const head = `  ${paint.quiet(number)} ${tint(`${sign} ${change.verb}`)} ${change.address.kind} ${paint.strong(change.address.key)}${because}`;
  return [head, ...bodyLines(change, paint).map((line) => `${' '.repeat(number.length + 1)}${line}`)];
}

function bodyLines(change: Change, paint: Paint): readonly string[] {
  const reason = change.reason === undefined ? [] : [`      ${paint.quiet('because')} ${change.reason}`];
  const tints = { '+': paint.good, '-': paint.bad, '~': paint.warn };
  const lines = fieldLines(change).map(({ sign, text }) => tints[sign](`      ${sign} ${text}`));
  return [...lines, ...reason];
}

/** Neighbours that are refused for one reason share its line: a plan that is too big has one cause. */
function refusedLines(refused: readonly Change[], indent: string, paint: Paint): readonly string[] {
  return refused.flatMap((change, index) => {
    const shared = change.reason !== undefined && change.reason === refused[index + 1]?.reason;
    return changeLines(shared ? withoutReason(change) : change, indent, paint);
  });
}

function withoutReason({ reason: _, ...change }: Change): Change {
  return change;
}

/** Changes that lean on a refused one: said, so that nobody wonders why nothing opens. */
function waitingLines(plan: Plan, paint: Paint): readonly string[] {
  const needs = waiting(plan);
  const lines = plan.changes.flatMap(({ id, verb, address: { kind, key } }) => {
    const need = needs.get(id);
    if (need === undefined) return [];
    return [`  ${verb} ${kind} ${key} ${paint.quiet(`waits for: ${stepName(plan, need)}`)}`];
  });
  return lines.length === 0
    ? []
    : [paint.strong('Waiting: not done until what is refused is settled'), ...lines, ''];
}
