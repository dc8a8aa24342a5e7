import { stepNumbers } from '../apply/turns.ts';
import { type Change, isCarriedOut } from '../core/change.ts';
import type { ProgressEvent } from '../core/progress.ts';
import { outcomeLines } from '../report/outcome-text.ts';
import { widthOf } from '../report/screen.ts';
import { tell, tellMoving, wantsColor } from './terminal.ts';

/**
 * Tells how an apply goes: one moving line below the finished ones on a terminal, plain lines elsewhere. What is
 * refused is told by the plan; here it is told again only to whoever asked for no more than what matters.
 */
export function progressTeller(options: {
  readonly color: boolean;
  readonly quiet: boolean;
}): (event: ProgressEvent) => void {
  const color = wantsColor(process.stderr, options.color);
  const moving = process.stderr.isTTY === true && !options.quiet;
  const isTold = (change: Change) => isCarriedOut(change) && (options.quiet || change.verb !== 'refuse');
  let numbers: ReadonlyMap<string, number> = new Map();
  // The number that the step has in the plan; what waits for something refused has none.
  const place = ({ id }: Change) => {
    const number = numbers.get(id);
    return number === undefined ? '' : `[${`${number}`.padStart(`${numbers.size}`.length)}/${numbers.size}] `;
  };
  return (event) => {
    if (event.type === 'planned') numbers = stepNumbers(event.plan);
    if (event.type !== 'planned' && !isTold(event.change)) return;
    if (event.type === 'started' && moving) {
      const { verb, address } = event.change;
      tellMoving(`${place(event.change)}${verb} ${address.kind} ${address.key}`);
    }
    if (event.type === 'finished') {
      if (moving) tellMoving();
      // What is skipped stands once for each cause, at the end.
      const isSkipped = event.outcome.status === 'skipped';
      if (!isSkipped && (!options.quiet || event.outcome.status !== 'done')) {
        const form = { color, width: widthOf(process.stderr), place: place(event.change) };
        for (const line of outcomeLines(event.change, event.outcome, form)) tell(line);
      }
    }
  };
}
