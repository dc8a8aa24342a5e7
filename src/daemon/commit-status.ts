import pRetry from 'p-retry';
import type { CommitStatuses } from '../clients/forge/commit-status.ts';
import { describeError, RejectedError, UnreachableError } from '../core/errors.ts';
import type { CommitStatus } from '../core/record/commit-status.ts';
import type { Clock, Notes } from '../core/world.ts';
import type { RunEnd } from '../report/notices/trouble.ts';
import type { Log } from './log/log.ts';
import {
  type KeptStatuses,
  keptStatusesIn,
  NO_STATUSES,
  nextOwed,
  type OwedStatus,
  withEnd,
  withoutOwed,
  withoutStale,
  withPush,
  withRead,
} from './owed-statuses.ts';

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

const TOPIC = 'commit-status';
const NAME = 'kept';
/** Attempts after the first, and milliseconds before them; after those, a status waits for the next run. */
const RETRIES = 2;
const FIRST_WAIT = 5_000;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The reporter of commit statuses. It keeps unsent statuses in one note of the state directory. If the daemon is
 * killed at any moment, it sets a status twice rather than never, which does no harm.
 */
export async function openCommitReporter(options: CommitReporterOptions): Promise<CommitReporter> {
  const { clock, signal, file } = options;
  let kept = await load(options);
  const note = statusesNote(options);
  const sendOne = statusSender(options);
  /** Pushes from before the branch was last read. */
  let before: readonly string[] = [];
  let sending: Promise<void> | undefined;

  function keep(next: KeptStatuses): void {
    if (next === kept) return;
    kept = next;
    note.write(next);
  }

  function send(): void {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
  }

  /** Sends the statuses one after the other, up to the first failure. */
  async function sendAll(): Promise<void> {
    for (;;) {
      keep(withoutStale(kept, clock.now()));
      const next = nextOwed(kept);
      if (next === undefined || signal.aborted) return;
      if (!(await sendOne(next))) return;
      keep(withoutOwed(kept, next));
    }
  }

  return {
    pushed(revision) {
      if (COMMIT.test(revision)) keep(withPush(kept, revision));
    },
    reading() {
      before = kept.pushes;
    },
    read(revision) {
      keep(withRead(kept, { revision, before, file, now: clock.now() }));
      send();
    },
    ended(end) {
      keep(withEnd(kept, end, clock.now()));
      send();
    },
    owed: () => kept.owed.length,
    async settled() {
      await sending;
      await note.settled();
    },
  };
}

/** The note in the state directory. Several changes during one write share the next write. */
function statusesNote({ notes, log }: Pick<CommitReporterOptions, 'notes' | 'log'>) {
  let latest: KeptStatuses | undefined;
  let saving: Promise<void> | undefined;

  async function save(): Promise<void> {
    for (let written: KeptStatuses | undefined; written !== latest; ) {
      written = latest;
      try {
        await notes.put(TOPIC, NAME, JSON.stringify(written));
      } catch (error) {
        log.warn('commit statuses not saved in the state folder', { error });
      }
    }
  }

  return {
    write(next: KeptStatuses): void {
      latest = next;
      saving ??= save().finally(() => {
        saving = undefined;
      });
    },
    settled: async () => saving,
  };
}

/** Sends one status. The answer is false if the forge may accept it later. */
function statusSender(options: CommitReporterOptions): (owed: OwedStatus) => Promise<boolean> {
  const { log, signal } = options;
  /** The reason why the last status was not set. The log gets it once, not with every run. */
  let trouble: string | undefined;
  return async ({ revision, status }) => {
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
  };
}

/** True if the forge may accept the status later: a refused token can be replaced. */
function mayBeTakenLater(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof RejectedError && (error.facts.status === 401 || error.facts.status === 403);
}

async function load({ notes, log }: CommitReporterOptions): Promise<KeptStatuses> {
  try {
    const text = await notes.text(TOPIC, NAME);
    if (text !== undefined) return keptStatusesIn(text);
  } catch (error) {
    log.warn('earlier commit statuses could not be read', { error });
  }
  return NO_STATUSES;
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
