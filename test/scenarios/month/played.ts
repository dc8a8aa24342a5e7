import type { HistoryRun } from '../../../src/core/record/history.ts';
import type { Pushed } from './pushes.ts';
import type { Receiver } from './receiver.ts';

/** The traces that the month left behind. */
export interface Month {
  readonly days: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly runs: readonly HistoryRun[];
  readonly pushes: readonly Pushed[];
  /** The times when the daemon was killed, on its own calendar. */
  readonly ends: readonly number[];
  /** The intervals without a repository, on the daemon's calendar. */
  readonly gone: readonly { readonly from: number; readonly until: number }[];
  readonly receiver: Receiver;
  readonly memory: readonly { readonly day: number; readonly rss: number }[];
  readonly findings: readonly string[];
  readonly verified: { readonly code: number | null; readonly stdout: string };
}
