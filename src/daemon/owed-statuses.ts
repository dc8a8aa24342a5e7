import type { CommitStatus } from '../core/record/commit-status.ts';
import { type CommitNews, commitNews, pickedUp, superseded } from '../report/notices/commit-status.ts';
import type { RunEnd } from '../report/notices/trouble.ts';

/** The statuses and pushes that a reporter keeps in the state directory. */
export interface KeptStatuses {
  /** The revision that the last run read, and its last status. */
  readonly head?: { readonly revision: string; readonly key: string };
  /** The last revisions that runs have read: a late webhook for one of them changes nothing. */
  readonly seen: readonly string[];
  /** Pushes that no run has read yet, the oldest first. */
  readonly pushes: readonly string[];
  /** The statuses that the forge has not accepted yet, the oldest first, one for each revision. */
  readonly owed: readonly OwedStatus[];
}

/** A status that the forge has not accepted yet. */
export interface OwedStatus {
  readonly revision: string;
  readonly status: CommitStatus;
  readonly at: string;
}

/** Milliseconds after which a commit's status no longer matters. */
const STALE = 24 * 3_600_000;
/** The most statuses and the most pushes that are kept: enough for a burst of pushes. */
const MOST = 1_000;
const MOST_SEEN = 100;

export const NO_STATUSES: KeptStatuses = { seen: [], pushes: [], owed: [] };

/** @throws SyntaxError if the text is damaged, or not from gates. */
export function keptStatusesIn(text: string): KeptStatuses {
  const { head, seen, pushes, owed } = (JSON.parse(text) ?? {}) as Partial<KeptStatuses>;
  if (![seen, pushes, owed].every(Array.isArray)) throw new SyntaxError('not what was noted');
  return {
    seen: seen ?? [],
    pushes: pushes ?? [],
    owed: owed ?? [],
    ...(typeof head?.revision === 'string' && { head }),
  };
}

export function withPush(kept: KeptStatuses, revision: string): KeptStatuses {
  return { ...kept, pushes: [...kept.pushes, revision].slice(-MOST) };
}

/** The head of the branch, as a run has read it. */
interface BranchReading {
  readonly revision: string;
  /** Pushes from before the branch was read. */
  readonly before: readonly string[];
  /** Path of gates.yaml in the repository. */
  readonly file: string;
  readonly now: Date;
}

/** After a run has read the branch: a new head has a status, and each earlier push that no run has read. */
export function withRead(kept: KeptStatuses, { revision, before, file, now }: BranchReading): KeptStatuses {
  const passed = new Set(before);
  const known = new Set([...kept.seen, revision]);
  const unread = [...passed].filter((push) => !known.has(push));
  const owing = unread.reduce((next, push) => withOwed(next, push, superseded(revision), now), kept);
  const pushes = kept.pushes.filter((push) => !passed.has(push) && push !== revision);
  if (kept.head?.revision === revision) return passed.size > 0 ? { ...owing, pushes } : kept;
  const news = pickedUp(file);
  const seen = [...kept.seen.filter((other) => other !== revision), revision].slice(-MOST_SEEN);
  return { ...withOwed(owing, revision, news, now), pushes, seen, head: { revision, key: news.key } };
}

/** After a run has ended. An applied commit stays so: later trouble is not the commit's fault. */
export function withEnd(
  kept: KeptStatuses,
  end: Pick<RunEnd, 'status' | 'passing' | 'paused'>,
  now: Date,
): KeptStatuses {
  const { head } = kept;
  const news = head && commitNews(end, head.revision);
  if (news === undefined || head === undefined || head.key === 'success' || head.key === news.key)
    return kept;
  return { ...withOwed(kept, head.revision, news, now), head: { ...head, key: news.key } };
}

/** Without the statuses that no longer matter. */
export function withoutStale(kept: KeptStatuses, now: Date): KeptStatuses {
  const owed = kept.owed.filter(({ at }) => now.getTime() - Date.parse(at) < STALE);
  return owed.length < kept.owed.length ? { ...kept, owed } : kept;
}

/** The status to send next: the head's, since somebody waits for it, then the others in order. */
export function nextOwed({ owed, head }: KeptStatuses): OwedStatus | undefined {
  return owed.find(({ revision }) => revision === head?.revision) ?? owed[0];
}

export function withoutOwed(kept: KeptStatuses, sent: OwedStatus): KeptStatuses {
  return { ...kept, owed: kept.owed.filter((item) => item !== sent) };
}

/** A newer status of a revision replaces one that was not accepted yet. */
function withOwed(
  kept: KeptStatuses,
  revision: string,
  { key: _, ...status }: CommitNews,
  now: Date,
): KeptStatuses {
  const others = kept.owed.filter((item) => item.revision !== revision);
  return { ...kept, owed: [...others, { revision, status, at: now.toISOString() }].slice(-MOST) };
}
