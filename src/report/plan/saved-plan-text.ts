import type { Difference } from '../../core/change.ts';
import type { Paint } from '../screen/paint.ts';
import { formatDifference } from '../screen/value.ts';
import type { PlanMove } from './saved-plan.ts';

/** The most differences that are listed: a person who has to plan again needs no more. */
const most = 10;

/**
 * The differences since a plan was saved, in a few lines: `-` only the saved plan has the step, `+` only the current
 * plan has it, `~` both have it, with the differences. Steps that both keep are reported only if nothing else differs.
 */
export function formatMoves(moves: readonly PlanMove[], paint: Paint): readonly string[] {
  const steps = moves.filter(({ change }) => change.verb !== 'keep');
  const renumbered = ({ differences }: PlanMove) => differences.every(({ field }) => field === 'step');
  // An added or removed step renumbers all later steps, which is no news of its own.
  const real = steps.filter((move) => move.sort !== 'differs' || !renumbered(move));
  const reported = [real, steps, moves].find((some) => some.length > 0) ?? [];
  const lines = reported.slice(0, most).flatMap((move) => moveLines(move, paint));
  return reported.length > most ? [...lines, paint.quiet(`  … and ${reported.length - most} more`)] : lines;
}

/** The differences without those that only follow from another one. */
function telling(differences: readonly Difference[]): readonly Difference[] {
  const causes = differences.filter(({ field }) => !['step', 'needs', 'drift', 'doors'].includes(field));
  return causes.length > 0 ? causes : differences;
}

function moveLines({ sort, change, differences }: PlanMove, paint: Paint): readonly string[] {
  const what = `${change.verb} ${change.address.kind} ${change.address.key}`;
  const reason = change.reason === undefined ? '' : `: ${change.reason}`;
  if (sort === 'gone') return [paint.bad(`  - ${what}`)];
  if (sort === 'new') return [paint.good(`  + ${what}${change.verb === 'refuse' ? reason : ''}`)];
  return [
    paint.warn(`  ~ ${what}`),
    ...telling(differences)
      .flatMap(formatDifference)
      .map(({ sign, text }) => `      ${sign} ${text}`),
  ];
}
