import { reconcilers } from '../../../reconcilers/index.ts';
import { stepNumbers } from '../../apply/turns.ts';
import { type Change, isCarriedOut } from '../../core/change.ts';
import type { Kind } from '../../core/objects/address.ts';
import type { ProgressEvent } from '../../core/progress.ts';
import { doneLines } from '../../report/plan/outcome-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { nameOfChange } from '../../report/screen/step-name.ts';
import { tell, tellMoving, wantsColor } from '../surroundings/terminal.ts';

/** Shows on a terminal what is still being read, or worked at, in one moving line. */
export function readingTeller({ quiet }: { readonly quiet: boolean }): (event: ProgressEvent) => void {
  const moving = process.stderr.isTTY === true && !quiet;
  return (event) => {
    if (!moving) return;
    if (event.type === 'working') tellMoving(event.words);
    if (event.type !== 'reading') return;
    const { kinds, all } = event;
    const names = kinds.map(titleOf);
    tellMoving(
      kinds.length === 0 ? '' : `reading ${all - kinds.length}/${all}: ${[...new Set(names)].join(', ')}`,
    );
  };
}

function titleOf(kind: Kind): string {
  return reconcilers.find((one) => one.kind === kind)?.title ?? kind;
}

/**
 * Shows the progress of an apply: on a terminal what is read and the current step, in one moving line, and with
 * `verbose` each step that is done. Failed and skipped steps follow at the end, once for each cause.
 */
export function progressTeller(options: {
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}): (event: ProgressEvent) => void {
  const color = wantsColor(process.stderr, options.color);
  const moving = process.stderr.isTTY === true && !options.quiet;
  let numbers: ReadonlyMap<string, number> = new Map();
  // The number of the step in the plan; a step that waits for a refused one has none.
  const place = ({ id }: Change) => {
    const number = numbers.get(id);
    return number === undefined ? '' : `[${`${number}`.padStart(`${numbers.size}`.length)}/${numbers.size}] `;
  };
  const tellReading = readingTeller(options);
  return (event) => {
    if (event.type === 'planned') numbers = stepNumbers(event.plan);
    if (event.type === 'reading' || event.type === 'working') return tellReading(event);
    if (event.type === 'planned' || !isCarriedOut(event.change) || event.change.verb === 'refuse') return;
    if (event.type === 'started' && moving) tellMoving(`${place(event.change)}${nameOfChange(event.change)}`);
    if (event.type !== 'finished') return;
    if (moving) tellMoving();
    if (options.verbose && !options.quiet && event.outcome.status === 'done') {
      const form = { color, width: widthOf(process.stderr), place: place(event.change) };
      for (const line of doneLines(event.change, form)) tell(line);
    }
  };
}
