import type { HistoryRun } from '../../../src/core/record/history.ts';

/** A pushed commit, with times on the daemon's calendar in milliseconds. */
export interface Pushed {
  readonly revision: string;
  readonly at: number;
  /** The time since when the daemon knows that there is something to read. */
  readonly told: number;
  /** True without a mistake. */
  readonly isGood: boolean;
}

/** The results of the pushes: each push is counted once, or found. */
export interface PushesJudged {
  /** Pushes that were read: applied, or refused for a mistake. */
  readonly taken: number;
  /** Good pushes that a later good one covered before the next read, which applied that one. */
  readonly withLater: number;
  /** Pushes, including mistakes, that a mistake covered before the next read, or a good one over a mistake. */
  readonly superseded: number;
  readonly findings: readonly string[];
}

/**
 * Checks the pushes. gates reads only the head, so the first read after a push must find that push or a later one;
 * another head means that the push was lost. A good push below a mistake is not applied by that read, since its author
 * may not want it alone; a later good push, which contains it, is. Killed runs are not in the history; interrupted
 * runs, and those that could not read the branch, count as no read.
 */
export function judgePushes(
  pushes: readonly Pushed[],
  runs: readonly HistoryRun[],
  unread: (run: HistoryRun) => boolean,
): PushesJudged {
  const inForce = new Set(runs.map(({ revision }) => revision));
  const refused = new Set(runs.map(({ rejected }) => rejected));
  const findings: string[] = [];
  const counts = { taken: 0, withLater: 0, superseded: 0 };
  for (const [index, { revision, told, isGood }] of pushes.entries()) {
    if ((isGood ? inForce : refused).has(revision)) {
      counts.taken += 1;
      continue;
    }
    const look = runs.find(
      (run) => Date.parse(run.startedAt) > told && run.result !== 'stopped' && !unread(run),
    );
    if (look === undefined) {
      findings.push(`${revision}: lost, no run looked after it`);
      continue;
    }
    const head = look.rejected ?? look.revision;
    const later = pushes.slice(index + 1);
    const met = later.find((push) => push.revision === head);
    if (met === undefined) findings.push(`${revision}: lost, run ${look.id} began after it and met ${head}`);
    else if (isGood && met.isGood) counts.withLater += 1;
    else if (!isGood || later.some((push) => push.isGood && inForce.has(push.revision)))
      counts.superseded += 1;
    else findings.push(`${revision}: lost, superseded by ${head} and in nothing that was put in force`);
  }
  return { ...counts, findings };
}
