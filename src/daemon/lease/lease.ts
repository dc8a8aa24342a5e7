import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { listDirectory } from '../../clients/state/private-file.ts';
import { UnreachableError, UnsafeError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import {
  claimNumber,
  isNewest,
  type LeaseHolder,
  type NewestRecord,
  newestRecord,
  rewriteRecord,
} from './lease-record.ts';
import { type Liveness, livenessOf, type ProcessIdentity, thisProcess } from './process-identity.ts';

export interface LeaseOptions {
  /** See {@link leaseDirectory}. */
  readonly directory: string;
  readonly command: string;
  readonly clock: Clock;
  /** Milliseconds to wait for a live holder; Infinity for a daemon. */
  readonly wait: number;
  readonly signal: AbortSignal;
  /** Called once for each holder that has to be waited for. */
  readonly onWait?: (holder: string) => void;
  /** A process from which another lease was taken, and which writes nothing without that one. */
  readonly deposed?: ProcessIdentity | undefined;
  readonly identity?: ProcessIdentity;
  readonly liveness?: (identity: ProcessIdentity) => Promise<Liveness>;
  /** Milliseconds of a clock that nobody sets; default: `performance.now`. */
  readonly elapsed?: () => number;
}

export interface Lease {
  /** Only grows: whoever comes later has a higher one. */
  readonly number: number;
  /** The holder before, if it did not release the lease. */
  readonly predecessor: LeaseHolder | undefined;
  /** Aborted with UnsafeError as soon as the lease is known to be lost: write nothing more. */
  readonly lost: AbortSignal;
  /** Whether it has not run out, by the clocks alone; false, and `lost` aborted, when it has. */
  isUnexpired(): boolean;
  /** Looks again whether the lease is still held; false, and `lost` aborted, when it is not. */
  confirm(): Promise<boolean>;
  /** Lets go of it, also of one that ran out and that nobody took: call it when nothing is under way any more. */
  release(): Promise<void>;
}

/** The daemon's name in the lease. */
export const DAEMON = 'gates run';

const POLL = 500;
const RENEWAL = 5_000;
/** The lease time: a holder that was silent for as long as this is watched may be followed … */
const SILENCE = 20_000;
/** … and stops before that, so that what it has sent has time to arrive. */
const VALIDITY = 15_000;

/**
 * Takes a right that one process at a time has, of all that share a state directory.
 *
 * A lease is a row of numbered records, and whoever made the highest one holds it. Taking over is making the
 * next number with a link that fails when it is there: of two that both saw a dead holder, one wins. The
 * highest is never deleted (a release is written into it), so numbers are never used twice.
 *
 * Throws UnreachableError after `wait` milliseconds, UnsafeError where the file system cannot do it, or the signal's
 * reason.
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { clock, signal, directory, elapsed = () => performance.now() } = options;
  const identity = options.identity ?? (await thisProcess());
  const started = elapsed();
  let watched: { readonly word: string; readonly since: number } | undefined;
  let announced: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const newest = await newestRecord(directory);
    const word = wordOf(newest);
    if (watched?.word !== word) watched = { word, since: elapsed() };
    if (await isFree(newest, elapsed() - watched.since, options)) {
      const mine = newHolder(identity, options);
      const begun = momentOf(clock, elapsed);
      const unmoved = async () => wordOf(await newestRecord(directory)) === word;
      const number = newest.number + 1;
      if (await claimNumber(directory, number, mine, unmoved))
        return hold({ directory, number, mine, clock, elapsed, begun, predecessor: leftBy(newest) });
      continue;
    }
    if (announced !== newest.number) {
      announced = newest.number;
      options.onWait?.(describeHolder(newest.holder));
    }
    if (elapsed() - started >= options.wait) throw stillHeld(newest.holder);
    await clock.sleep(POLL, signal);
  }
}

/**
 * `daemon`: who is the daemon; `pass`: whose turn it is to write. The folder keeps its old name, so that a daemon of an
 * earlier version and this one still exclude each other.
 */
export function leaseDirectory(stateDir: string, right: 'daemon' | 'pass'): string {
  return path.join(stateDir, 'lease', right);
}

/** Whether a daemon is at work on this state directory; undefined where it runs out of sight of this process. */
export async function isDaemonAlive(stateDir: string): Promise<boolean | undefined> {
  const directory = leaseDirectory(stateDir, 'daemon');
  if ((await listDirectory(directory)).length === 0) return false;
  const { holder } = await newestRecord(directory);
  if (holder === undefined) return undefined;
  if (holder.released) return false;
  const alive = await livenessOf(holder);
  return alive === 'unknown' ? undefined : alive === 'alive';
}

function newHolder(identity: ProcessIdentity, { clock, command }: LeaseOptions): LeaseHolder {
  const now = clock.now().toISOString();
  return { ...identity, id: randomUUID(), command, since: now, renewedAt: now, released: false };
}

/** A text that changes whenever the holder renews the lease. */
function wordOf({ number, holder }: NewestRecord): string {
  return `${number} ${holder?.id} ${holder?.renewedAt} ${holder?.released}`;
}

function leftBy({ holder }: NewestRecord): LeaseHolder | undefined {
  return holder?.released === true ? undefined : holder;
}

async function isFree(
  { number, holder }: NewestRecord,
  silentFor: number,
  { liveness = livenessOf, deposed }: LeaseOptions,
): Promise<boolean> {
  if (number === 0 || holder?.released === true) return true;
  if (silentFor >= SILENCE) return true;
  if (holder === undefined) return false;
  return isSameProcess(holder, deposed) || (await liveness(holder)) === 'gone';
}

function isSameProcess(holder: ProcessIdentity, other: ProcessIdentity | undefined): boolean {
  const { pid, place, startedAt } = holder;
  return (
    startedAt !== undefined && pid === other?.pid && place === other.place && startedAt === other.startedAt
  );
}

/** One moment by both clocks: one stands still while the machine sleeps, the other can be set. */
interface Moment {
  readonly elapsed: number;
  readonly wall: number;
}

function momentOf(clock: Clock, elapsed: () => number): Moment {
  return { elapsed: elapsed(), wall: clock.now().getTime() };
}

interface Held {
  readonly directory: string;
  readonly number: number;
  readonly mine: LeaseHolder;
  readonly clock: Clock;
  readonly elapsed: () => number;
  /** Before anybody could see the record. */
  readonly begun: Moment;
  readonly predecessor: LeaseHolder | undefined;
}

function hold({ directory, number, mine, clock, elapsed, begun, predecessor }: Held): Lease {
  const lost = new AbortController();
  const ended = new AbortController();
  let renewed = begun;

  function isUnexpired(): boolean {
    if (lost.signal.aborted || ended.signal.aborted) return false;
    const now = momentOf(clock, elapsed);
    const age = Math.max(now.elapsed - renewed.elapsed, now.wall - renewed.wall);
    if (age < VALIDITY) return true;
    lost.abort(ranOut());
    return false;
  }

  async function confirm(): Promise<boolean> {
    if (!isUnexpired()) return false;
    if (!(await isNewest(directory, number))) {
      lost.abort(taken());
      return false;
    }
    // Last, since the process may have been stopped while the disk was asked.
    return isUnexpired();
  }

  async function renew(): Promise<void> {
    if (!isUnexpired()) return;
    const begins = momentOf(clock, elapsed);
    try {
      await rewriteRecord(directory, number, { ...mine, renewedAt: new Date(begins.wall).toISOString() });
      if (await confirm()) renewed = begins;
    } catch {
      // A disk that is full or does not answer: it is tried again until the lease has run out.
    }
  }

  async function keepAlive(): Promise<void> {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      try {
        await clock.sleep(RENEWAL, ended.signal);
      } catch {
        return;
      }
      await renew();
    }
  }

  const renewing = keepAlive();
  return {
    number,
    predecessor,
    lost: lost.signal,
    isUnexpired,
    confirm,
    async release() {
      if (ended.signal.aborted) return;
      ended.abort();
      await renewing;
      const renewedAt = clock.now().toISOString();
      // If the disk refuses the write, the next process finds this process gone or silent.
      await rewriteRecord(directory, number, { ...mine, renewedAt, released: true }).catch(() => {});
    },
  };
}

/** For people. */
export function describeHolder(holder: LeaseHolder | undefined): string {
  if (holder === undefined) return 'a process that cannot be told';
  return `${holder.command}, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}

function stillHeld(holder: LeaseHolder | undefined): UnreachableError {
  return new UnreachableError('Another gates process uses this state folder', {
    hint: 'Wait until it is done (`gates status` tells how far a daemon is), then try again',
    facts: { detail: describeHolder(holder) },
  });
}

function taken(): UnsafeError {
  return new UnsafeError('The lease of the state directory was lost: another gates is at work', {
    hint: 'Nothing more was written; run it again, and it waits until the other one is done',
  });
}

function ranOut(): UnsafeError {
  return new UnsafeError('The lease of the state directory ran out before it was renewed', {
    hint: 'Nothing more was written: the process was stopped, the machine slept, or the disk did not answer. Run it again',
  });
}
