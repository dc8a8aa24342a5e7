import type { Verb } from '../../core/change.ts';
import type { CommitStatus } from '../../core/record/commit-status.ts';
import { formatLocal } from '../screen/time-words.ts';
import type { LastRun, Paused, RejectedRevision, Status, Upcoming } from '../status/status.ts';
import type { RunEnd } from './trouble.ts';

/** The status of a commit, with a key that distinguishes one state from the next. */
export interface CommitNews extends CommitStatus {
  /** Equal if only the words of an error differ: forges keep every status, and limit their number. */
  readonly key: string;
}

/** The status of a revision that a run has read and now checks. */
export function pickedUp(file: string): CommitNews {
  return { key: 'pending', state: 'pending', description: `Picked up: ${file} is read and applied` };
}

/** The status of a pushed revision that no run read, since a later one replaced it. */
export function superseded(by: string): CommitNews {
  const later = by.slice(0, 8);
  return {
    key: 'superseded',
    state: 'superseded',
    description: `Superseded by ${later}, which came before this one was looked at: see there`,
  };
}

/** The status of a revision after a run; undefined if the run says nothing about it. */
export function commitNews(
  { status, passing, paused }: Pick<RunEnd, 'status' | 'passing' | 'paused'>,
  revision: string,
): CommitNews | undefined {
  const { rejected, inForce, upcoming, lastRun } = status;
  if (rejected?.revision === revision) return mistaken(rejected, status);
  if (upcoming?.revision === revision && upcoming.for === 'window') return untilWindow(upcoming, status);
  const isUnfinished = inForce?.revision === revision && !inForce.applied;
  if (upcoming?.revision === revision || (isUnfinished && paused !== undefined)) return heldUp(paused);
  if (inForce?.revision !== revision || lastRun === undefined) return undefined;
  if (lastRun.result === 'stopped') return undefined;
  if (lastRun.result === 'incomplete' || lastRun.result === 'error') return unfinished(lastRun, passing);
  return { key: 'success', state: 'success', description: appliedText(lastRun.counts) };
}

function mistaken({ mistakes }: RejectedRevision, { inForce }: Status): CommitNews {
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const others = errors.length - 1;
  const hint = first?.hint === undefined ? '' : ` (${first.hint})`;
  const code = first?.code === undefined ? '' : `${first.code}: `;
  const stays = inForce === undefined ? '' : `. ${inForce.revision.slice(0, 8)} stays applied`;
  return {
    key: `mistaken ${first?.message}`,
    state: 'failure',
    description: `${first?.place} ${code}${first?.message}${hint}${stays}`,
    ...(others > 0 && { more: `and ${others} more ${others === 1 ? 'mistake' : 'mistakes'}` }),
  };
}

function heldUp({ reason }: Paused = {}): CommitNews {
  const why = reason ?? 'no reason was given';
  return { key: `paused ${why}`, state: 'pending', description: `Paused: ${why}` };
}

function untilWindow({ until }: Upcoming, { schedule }: Status): CommitNews {
  const when = until === undefined ? '' : ` on ${formatLocal(until, schedule?.timezone)}`;
  return {
    key: `window ${until}`,
    state: 'pending',
    description: `Waits for the window that opens${when}`,
  };
}

function unfinished({ problems, error }: LastRun, passing: boolean): CommitNews {
  const state = passing ? 'pending' : 'failure';
  const [first] = problems;
  if (first === undefined) {
    const why = error ?? 'no reason was given';
    return { key: `${state} error`, state, description: passing ? `Tried again soon: ${why}` : why };
  }
  const others = problems.length - 1;
  const what = `${first.status} ${first.what}: ${first.reason}`;
  return {
    key: `${state} ${first.status} ${first.what}`,
    state,
    description: passing ? `Tried again soon: ${what}` : what,
    ...(others > 0 && { more: `and ${others} more ${others === 1 ? 'problem' : 'problems'}` }),
  };
}

const done: readonly (readonly [Verb, string])[] = [
  ['create', 'created'],
  ['adopt', 'adopted'],
  ['update', 'updated'],
  ['replace', 'replaced'],
  ['prune', 'removed'],
];

function appliedText(counts: LastRun['counts']): string {
  const changes = done.flatMap(([verb, word]) => (counts[verb] ? [`${counts[verb]} ${word}`] : []));
  const same = counts.keep ? `, ${counts.keep} as they were` : '';
  return changes.length === 0 ? `Applied: nothing to change${same}` : `Applied: ${changes.join(', ')}${same}`;
}
