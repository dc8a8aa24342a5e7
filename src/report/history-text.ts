import type { HistoryRun } from '../core/history.ts';
import { harmlessLine } from './harmless.ts';
import { aboutRun, NOTHING_DONE, type RunStory, runStories } from './history-stories.ts';
import { makePaint, type Paint } from './paint.ts';

export interface HistoryTextOptions {
  readonly color: boolean;
  /** Changes of this service alone. */
  readonly service?: string;
}

/** Runs for people, newest first. Runs in a row that say the same of the same revision are told once. */
export function formatHistory(newestFirst: readonly HistoryRun[], options: HistoryTextOptions): string {
  const paint = makePaint(options.color);
  const lines = runStories(newestFirst, options.service).flatMap((story) => storyLines(story, paint));
  return lines.map((line) => `${line}\n`).join('');
}

function storyLines({ runs, notes, done, troubles }: RunStory, paint: Paint): readonly string[] {
  const [newest, ...before] = runs;
  const oldest = before.at(-1);
  const rest = oldest === undefined ? '' : `, and ${before.length} before it since ${minute(oldest)}`;
  return [
    `${headOf(newest, paint)}${paint.quiet(rest)}`,
    ...notes.map((note) => `    ${paint.quiet(harmlessLine(note))}`),
    ...(done === '' && troubles.length > 0
      ? []
      : [`    ${done === '' ? paint.quiet(NOTHING_DONE) : harmlessLine(done)}`]),
    ...bounded(troubles).map((trouble) => `    ${paint.bad('✗')} ${harmlessLine(trouble)}`),
  ];
}

function headOf(run: HistoryRun, paint: Paint): string {
  const result = run.result.padEnd('incomplete'.length);
  const bad = run.result === 'error' || run.result === 'incomplete';
  const painted = bad ? paint.bad(result) : run.result === 'done' ? paint.good(result) : paint.warn(result);
  return `${paint.strong(minute(run))}  ${painted}  ${harmlessLine(aboutRun(run))}`;
}

/** How many troubles of a run are told; JSON has all of them. */
const TOLD = 10;

function bounded(troubles: readonly string[]): readonly string[] {
  const more = troubles.length - TOLD;
  return more <= 1 ? troubles : [...troubles.slice(0, TOLD), `and ${more} more, see --output json`];
}

function minute({ startedAt }: HistoryRun): string {
  return `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`;
}
