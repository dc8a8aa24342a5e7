import type { HistoryRun } from '../../../src/core/record/history.ts';

/** A commit that was pushed, by when; both times on the daemon's calendar, in milliseconds. */
export interface Pushed {
  readonly revision: string;
  readonly at: number;
  /** Since when the daemon knows that there is something to look at. */
  readonly told: number;
  /** Without a mistake. */
  readonly isGood: boolean;
}

/** What became of the pushes: each is counted once, or found. */
export interface PushesJudged {
  /** In force or, with a mistake, refused: looked at themselves. */
  readonly taken: number;
  /** Good ones that a later good one came over before the next look, which put that one in force. */
  readonly withLater: number;
  /** Those, mistakes included, that a mistake came over before the next look, or a good one over a mistake. */
  readonly superseded: number;
  readonly findings: readonly string[];
}

/**
 * gates looks at the head alone. The first look after a push has to meet that push or a later one: another head means
 * that it was lost. A good one under a mistake is not put in force by that look, since nobody says that its author wants
 * it alone; a later good one, which holds it, has to be. Runs that were killed are not in the history; those that were
 * cut short or could not read the branch take nothing.
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
