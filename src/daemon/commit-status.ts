import pRetry from 'p-retry';
import type { CommitStatuses } from '../clients/forge/commit-status.ts';
import { describeError, RejectedError, UnreachableError } from '../core/errors.ts';
import type { CommitStatus } from '../core/record/commit-status.ts';
import type { Clock, Notes } from '../core/world.ts';
import { type CommitNews, commitNews, pickedUp, superseded } from '../report/notices/commit-status.ts';
import type { RunEnd } from '../report/notices/trouble.ts';
import type { Log } from './log/log.ts';

export interface CommitReporterOptions {
  readonly statuses: CommitStatuses;
  readonly notes: Notes;
  readonly clock: Clock;
  readonly log: Log;
  /** Path of gates.yaml in the repository. */
  readonly file: string;
  /** Called with the reason when a status could not be set, and with undefined when one was set. */
  readonly onTrouble: (reason: string | undefined) => void;
  /** Called with the result of each status. */
  readonly onSettled?: (outcome: 'set' | 'refused') => void;
  readonly signal: AbortSignal;
}

/** Sets a status for every push. It never fails, and no run waits for a forge. */
export interface CommitReporter {
  /** A webhook reported a push. */
  pushed(revision: string): void;
  /** The branch is about to be read: the reading includes every earlier push, or a later commit. */
  reading(): void;
  /** This revision is the head of the branch. */
  read(revision: string): void;
  ended(end: Pick<RunEnd, 'status' | 'passing' | 'paused'>): void;
  /** The number of statuses that the forge has not accepted yet. */
  owed(): number;
  /** Resolves once nothing is being sent or written. */
  settled(): Promise<void>;
}

interface Kept {
  /** The revision that the last run read, and its last status. */
  readonly head?: { readonly revision: string; readonly key: string };
  /** The last revisions that runs have read: a late webhook for one of them changes nothing. */
  readonly seen: readonly string[];
  /** Pushes that no run has read yet, the oldest first. */
  readonly pushes: readonly string[];
  /** The statuses that the forge has not accepted yet, the oldest first, one for each revision. */
  readonly owed: readonly Owed[];
}

interface Owed {
  readonly revision: string;
  readonly status: CommitStatus;
  readonly at: string;
}

const TOPIC = 'commit-status';
const NAME = 'kept';
/** Attempts after the first, and milliseconds before them; after those, a status waits for the next run. */
const RETRIES = 2;
const FIRST_WAIT = 5_000;
/** Milliseconds after which a commit's status no longer matters. */
const STALE = 24 * 3_600_000;
/** The most statuses and the most pushes that are kept: enough for a burst of pushes. */
const MOST = 1_000;
const MOST_SEEN = 100;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The reporter of commit statuses. It keeps unsent statuses in one note of the state directory. If the daemon is
 * killed at any moment, it sets a status twice rather than never, which does no harm.
 */
export async function openCommitReporter(options: CommitReporterOptions): Promise<CommitReporter> {
  const { notes, clock, log, signal } = options;
  let kept = await load(options);
  /** Pushes from before the branch was last read. */
  let before: readonly string[] = [];
  let saving: Promise<void> | undefined;
  let sending: Promise<void> | undefined;
  /** The reason why the last status was not set. The log gets it once, not with every run. */
  let trouble: string | undefined;

  function change(parts: Partial<Kept>): void {
    kept = { ...kept, ...parts };
    saving ??= save().finally(() => {
      saving = undefined;
    });
  }

  /** Saves `kept`. Several changes during one write share the next write. */
  async function save(): Promise<void> {
    for (let written: Kept | undefined; written !== kept; ) {
      written = kept;
      try {
        await notes.put(TOPIC, NAME, JSON.stringify(written));
      } catch (error) {
        log.warn('commit statuses not saved in the state folder', { error });
      }
    }
  }

  /** A newer status of a revision replaces one that was not accepted yet. */
  function owe(revision: string, { key, ...status }: CommitNews): void {
    const at = clock.now().toISOString();
    const others = kept.owed.filter((item) => item.revision !== revision);
    change({ owed: [...others, { revision, status, at }].slice(-MOST) });
  }

  function send(): void {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
  }

  /** Sends the head's status first, since somebody waits for it, then the others in order, up to the first failure. */
  async function sendAll(): Promise<void> {
    for (;;) {
      const fresh = kept.owed.filter(({ at }) => clock.now().getTime() - Date.parse(at) < STALE);
      if (fresh.length < kept.owed.length) change({ owed: fresh });
      const next = fresh.find(({ revision }) => revision === kept.head?.revision) ?? fresh[0];
      if (next === undefined || signal.aborted) return;
      if (!(await sendOne(next))) return;
      change({ owed: kept.owed.filter((item) => item !== next) });
    }
  }

  /** False if the forge may accept the status later. */
  async function sendOne({ revision, status }: Owed): Promise<boolean> {
    const fields = { revision, state: status.state, description: status.description };
    try {
      await persist(options, revision, status);
      trouble = undefined;
      options.onTrouble(trouble);
      options.onSettled?.('set');
      log.info('commit status set', fields);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const again = mayBeTakenLater(error);
      const reason = describeError(error);
      const level = again && reason === trouble ? 'debug' : again ? 'warn' : 'error';
      log[level]('commit status not set', { ...fields, error, again });
      trouble = reason;
      options.onTrouble(reason);
      if (!again) options.onSettled?.('refused');
      return !again;
    }
  }

  return {
    pushed(revision) {
      if (COMMIT.test(revision)) change({ pushes: [...kept.pushes, revision].slice(-MOST) });
    },
    reading() {
      before = kept.pushes;
    },
    read(revision) {
      const passed = new Set(before);
      const known = new Set([...kept.seen, revision]);
      for (const push of passed) if (!known.has(push)) owe(push, superseded(revision));
      const pushes = kept.pushes.filter((push) => !passed.has(push) && push !== revision);
      if (kept.head?.revision === revision) {
        if (passed.size > 0) change({ pushes });
      } else {
        const news = pickedUp(options.file);
        owe(revision, news);
        const seen = [...kept.seen.filter((other) => other !== revision), revision].slice(-MOST_SEEN);
        change({ pushes, seen, head: { revision, key: news.key } });
      }
      send();
    },
    ended(end) {
      const { head } = kept;
      const news = head && commitNews(end, head.revision);
      // An applied commit stays so: later trouble is not the commit's fault.
      if (news !== undefined && head !== undefined && head.key !== 'success' && head.key !== news.key) {
        owe(head.revision, news);
        change({ head: { ...head, key: news.key } });
      }
      send();
    },
    owed: () => kept.owed.length,
    async settled() {
      await sending;
      await saving;
    },
  };
}

/** True if the forge may accept the status later: a refused token can be replaced. */
function mayBeTakenLater(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof RejectedError && (error.facts.status === 401 || error.facts.status === 403);
}

async function load({ notes, log }: CommitReporterOptions): Promise<Kept> {
  try {
    const text = await notes.text(TOPIC, NAME);
    if (text !== undefined) return keptIn(text);
  } catch (error) {
    log.warn('earlier commit statuses could not be read', { error });
  }
  return { seen: [], pushes: [], owed: [] };
}

/** @throws SyntaxError if the text is damaged, or not from gates. */
function keptIn(text: string): Kept {
  const { head, seen, pushes, owed } = (JSON.parse(text) ?? {}) as Partial<Kept>;
  if (![seen, pushes, owed].every(Array.isArray)) throw new SyntaxError('not what was noted');
  return {
    seen: seen ?? [],
    pushes: pushes ?? [],
    owed: owed ?? [],
    ...(typeof head?.revision === 'string' && { head }),
  };
}

async function persist(
  { statuses, clock, signal }: CommitReporterOptions,
  revision: string,
  status: CommitStatus,
): Promise<void> {
  await pRetry(() => statuses.set(revision, status), {
    retries: RETRIES,
    minTimeout: 0,
    // A pause that the forge asked for is longer than any of ours, so the status waits for the next run.
    shouldRetry: ({ error }) => error instanceof UnreachableError && error.facts.retryAfter === undefined,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      const again = error instanceof UnreachableError && error.facts.retryAfter === undefined;
      if (again && retriesLeft > 0) await clock.sleep(FIRST_WAIT * 6 ** (attemptNumber - 1), signal);
    },
    signal,
  });
}
