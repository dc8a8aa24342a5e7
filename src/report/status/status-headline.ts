import { counted, shortRevision } from '../screen/revision-words.ts';
import { formatAhead } from '../screen/time-words.ts';
import type { Status, Upcoming } from './status.ts';
import { soonest } from './status-attention.ts';
import { byReason, causesOf } from './status-problems.ts';

/** Facts that the reader of a status has in addition to it. */
export interface StatusReader {
  readonly now: Date;
  /** True if the process that wrote it still lives; undefined if that is unknown. */
  readonly alive?: boolean;
}

/**
 * The most important fact, as a word in capitals and a sentence: `OK: everything holds as the file says`. Every word
 * has a row in docs/when-it-goes-wrong.md.
 */
export function headline(status: Status, reader: StatusReader): string {
  if (reader.alive === false || status.phase === 'stopped') {
    return 'NOT RUNNING: no daemon runs. Start it with: gates run';
  }
  const open = (status.gates ?? []).filter(({ verdict }) => verdict === 'open');
  if (open.length > 0) return `OPEN: strangers get in at ${open.map(({ host }) => host).join(', ')}`;
  if (status.paused !== undefined) return 'PAUSED: gates writes nothing until: gates resume';
  if (status.rejected !== undefined) {
    return `MISTAKE in the newest revision ${shortRevision(status.rejected.revision)}: gates applies nothing of it`;
  }
  if (status.lastRun?.result === 'error') return 'FAILED: the last run failed';
  if (status.lastRun?.result === 'incomplete') {
    return `INCOMPLETE: ${counted(byReason(causesOf(status)).length, 'problem')} in the last run`;
  }
  if (status.repository.error !== undefined) return 'CUT OFF: gates cannot read the repository';
  if (status.lastRun?.result === 'reported')
    return 'DRIFTED: live objects differ from the file, and gates only reports it';
  if (status.lastRun === undefined) return 'STARTING: no run has ended yet';
  const unseen = (status.gates ?? []).filter(({ verdict }) => verdict !== 'guarded');
  if (unseen.length > 0) {
    return `NOT CONFIRMED: could not check ${counted(unseen.length, 'gate')}`;
  }
  const ending = soonest(status, reader.now);
  if (ending !== undefined) return `EXPIRING: ${ending}`;
  if (status.upcoming !== undefined) {
    return `WAITING: gates applies revision ${shortRevision(status.upcoming.revision)} ${openingText(status.upcoming, reader)}`;
  }
  return 'OK: everything holds as the file says';
}

/** The time at which gates applies a revision that waits: `after: gates resume` */
export function openingText({ for: what, until }: Upcoming, { now }: StatusReader): string {
  if (what === 'pause') return 'after: gates resume';
  if (until === undefined) return 'when a window opens';
  const remaining = Date.parse(until) - now.getTime();
  return remaining < 1000 ? 'with the next run' : `when a window opens, ${formatAhead(remaining)}`;
}
