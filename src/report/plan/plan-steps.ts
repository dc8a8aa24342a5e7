import { stepNumbers } from '../../apply/turns.ts';
import { type Change, type Plan, phases } from '../../core/change.ts';
import type { Attribution } from '../../core/record/change-log.ts';
import { outsideWords } from '../screen/outside-words.ts';
import type { Paint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import { kindName } from '../screen/step-name.ts';
import { StepPositions } from '../screen/step-position.ts';
import { fieldLines, type NamesById, namesById, phaseTitles, signs } from './change-lines.ts';

/** Each step with its fields and the reason for its place, numbered in their order; waiting steps have no number. */
export function stepLines(
  plan: Plan,
  { width, attribution }: Pick<Layout, 'width' | 'attribution'>,
  paint: Paint,
): readonly string[] {
  const layout = { paint, width, names: namesById(plan), attribution };
  const positions = new StepPositions(plan);
  const numbers = stepNumbers(plan);
  const digits = `${numbers.size}`.length;
  // Steps that wait come last.
  const numberOf = ({ id }: Change) => numbers.get(id) ?? numbers.size + 1;
  const numbered = (change: Change) => `${numbers.get(change.id) ?? ''}`.padStart(digits);
  const shown = plan.changes.filter(({ verb }) => verb !== 'keep' && verb !== 'refuse');
  return phases
    .flatMap((phase) => {
      const changes = shown
        .filter((change) => change.phase === phase)
        .sort((left, right) => numberOf(left) - numberOf(right));
      if (changes.length === 0) return [];
      const steps = changes.flatMap((change) => {
        const lead = ' '.repeat(digits + 7);
        const position = paragraph(paint.quiet(positions.reasonOf(change)), width, lead);
        return [...linesOf(change, numbered(change), layout), ...position];
      });
      return [...paragraph(paint.strong(phaseTitles[phase]), width), ...steps, ''];
    })
    .slice(0, -1);
}

/** The settings for the lines of one change. */
export interface Layout {
  readonly paint: Paint;
  readonly width: number;
  readonly names: NamesById;
  /** The changes that were made outside gates. */
  readonly attribution?: Attribution | undefined;
}

function linesOf(change: Change, number: string, layout: Layout): readonly string[] {
  const { paint, width, names } = layout;
  const { verb, address, because, reason } = change;
  const outside = outsideWords(change, layout.attribution);
  const tints = { '+': paint.good, '-': paint.bad, '~': paint.warn };
  const tint = { create: paint.good, adopt: paint.good, prune: paint.bad }[verb as 'create'] ?? paint.warn;
  const entry = because === undefined ? '' : paint.quiet(`  (${because})`);
  const indent = ' '.repeat(number.length + 7);
  return [
    ...paragraph(
      `${tint(verb === 'verify' ? signs[verb] : `${signs[verb]} ${verb}`)} ${kindName(address.kind)} ${paint.strong(address.key)}${entry}`,
      width,
      `  ${paint.quiet(number)} `,
    ),
    ...fieldLines(change, names).flatMap(({ sign, text }) =>
      paragraph(text, width, `${indent}${tints[sign](sign)} `),
    ),
    ...(reason === undefined ? [] : paragraph(reason, width, `${indent}${paint.quiet('because')} `)),
    ...(outside === undefined ? [] : paragraph(outside, width, indent)),
  ];
}
