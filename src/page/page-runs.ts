import type { HistoryRun } from '../core/record/history.ts';
import { aboutRun, changeText, NOTHING_DONE, runStories } from '../report/history/history-stories.ts';
import { type Moment, momentAt } from './moment.ts';
import type { Tone } from './tone.ts';

/** Consecutive runs with the same text. */
export interface PageRun {
  /** The id of the newest run. */
  readonly id: string;
  readonly result: HistoryRun['result'];
  readonly tone: Tone;
  readonly started: Moment;
  /** `schedule, revision 1a2b3c4d, 0.9 s, 16 calls` */
  readonly about: string;
  /** `created 2 for services.docs`, or the first trouble. */
  readonly summary: string;
  /** Each change, note and trouble; none if the summary is complete. */
  readonly details: readonly string[];
  /** The number of earlier runs with the same text, and the time of the first. */
  readonly before?: { readonly count: number; readonly since: Moment };
}

/** The most runs that the page shows; `gates history` prints the others. */
const MOST_RUNS = 12;
const MOST_DETAILS = 50;

/** The last runs, newest first. */
export function pageRuns(newestFirst: readonly HistoryRun[], now: Date): readonly PageRun[] {
  return runStories(newestFirst)
    .slice(0, MOST_RUNS)
    .map(({ runs, notes, done, troubles }) => {
      const [newest, ...before] = runs;
      const oldest = before.at(-1);
      const details = [...notes, ...newest.changes.map(changeText), ...troublesBeside(newest, troubles)];
      const more = details.length - MOST_DETAILS;
      return {
        id: newest.id,
        result: newest.result,
        tone: tones[newest.result],
        started: momentAt(newest.startedAt, now),
        about: aboutRun(newest),
        summary: done || troubles[0] || NOTHING_DONE,
        details: more > 1 ? [...details.slice(0, MOST_DETAILS), `and ${more} more: gates history`] : details,
        ...(oldest !== undefined && {
          before: { count: before.length, since: momentAt(oldest.startedAt, now) },
        }),
      };
    });
}

/** Troubles that do not belong to a change. */
function troublesBeside({ changes }: HistoryRun, troubles: readonly string[]): readonly string[] {
  const changeTexts = new Set(changes.map(changeText));
  return troubles.filter((trouble) => !changeTexts.has(trouble));
}

const tones: Readonly<Record<HistoryRun['result'], Tone>> = {
  done: 'good',
  incomplete: 'bad',
  reported: 'warn',
  stopped: 'quiet',
  error: 'bad',
};
