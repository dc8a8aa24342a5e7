import type { HistoryRun } from '../../../src/core/history.ts';

/** A commit that was pushed, by when; both times on the daemon's calendar, in milliseconds. */
export interface Pushed {
  readonly revision: string;
  readonly at: number;
  /** Since when the daemon knows that there is something to look at. */
  readonly told: number;
}

/**
 * Pushes that were lost: no run took them, though one that read the branch began after they were told and before the
 * next push. Runs that were killed are not in the history, and those that could not read the branch take nothing.
 */
export function lostPushes(
  pushes: readonly Pushed[],
  runs: readonly HistoryRun[],
  unread: (run: HistoryRun) => boolean,
): readonly string[] {
  const taken = new Set(runs.flatMap(({ revision, rejected }) => [revision, rejected]));
  return pushes.flatMap(({ revision, told }, index) => {
    if (taken.has(revision)) return [];
    const next = pushes[index + 1];
    if (next === undefined) return [`${revision}: the last one, and in no run`];
    const later = new Set(pushes.slice(index + 1).map((push) => push.revision));
    const passedBy = runs.find((run) => {
      const [begun, ended] = [Date.parse(run.startedAt), Date.parse(run.finishedAt)];
      const took = run.rejected ?? run.revision ?? '';
      return begun > told && ended < next.at && !unread(run) && !later.has(took);
    });
    return passedBy === undefined
      ? []
      : [`${revision}: run ${passedBy.id} began after it and did not take it`];
  });
}
