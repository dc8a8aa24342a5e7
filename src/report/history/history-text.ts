import type { HistoryRun } from '../../core/record/history.ts';
import { harmlessLine } from '../screen/harmless.ts';
import { makePaint, type Paint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import { aboutRun, NOTHING_DONE, type RunStory, runStories } from './history-stories.ts';

export interface HistoryTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Show only changes of this service. */
  readonly service?: string;
}

/** Runs for people, newest first. Consecutive runs with the same result for the same revision are printed once. */
export function formatHistory(newestFirst: readonly HistoryRun[], options: HistoryTextOptions): string {
  const paint = makePaint(options.color);
  const lines = runStories(newestFirst, options.service).flatMap((story) =>
    storyLines(story, options.width, paint),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function storyLines(
  { runs, notes, done, troubles }: RunStory,
  width: number,
  paint: Paint,
): readonly string[] {
  const [newest, ...before] = runs;
  const oldest = before.at(-1);
  const rest = oldest === undefined ? '' : `, and ${before.length} before it since ${minute(oldest)}`;
  const about = `${harmlessLine(aboutRun(newest))}${paint.quiet(rest)}`;
  const body = [
    ...notes.map((note) => paint.quiet(harmlessLine(note))),
    ...(done === '' && troubles.length > 0
      ? []
      : [done === '' ? paint.quiet(NOTHING_DONE) : harmlessLine(done)]),
  ];
  return [
    ...paragraph(about, width, leadOf(newest, paint)),
    ...body.flatMap((text) => paragraph(text, width, '    ')),
    ...bounded(troubles).flatMap((trouble) =>
      paragraph(harmlessLine(trouble), width, `    ${paint.bad('✗')} `),
    ),
  ];
}

/** The beginning of a run's text: the time when it began, and its result. */
function leadOf(run: HistoryRun, paint: Paint): string {
  const result = run.result.padEnd('incomplete'.length);
  const bad = run.result === 'error' || run.result === 'incomplete';
  const painted = bad ? paint.bad(result) : run.result === 'done' ? paint.good(result) : paint.warn(result);
  return `${paint.strong(minute(run))}  ${painted}  `;
}

/** The most troubles of a run that are printed; JSON has all of them. */
const TOLD = 10;

function bounded(troubles: readonly string[]): readonly string[] {
  const more = troubles.length - TOLD;
  return more <= 1 ? troubles : [...troubles.slice(0, TOLD), `and ${more} more, see --output json`];
}

function minute({ startedAt }: HistoryRun): string {
  return `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`;
}
