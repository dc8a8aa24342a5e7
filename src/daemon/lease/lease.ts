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
  /** Called once for each holder for which the process has to wait. */
  readonly onWait?: (holder: string) => void;
  /** A process from which another lease was taken, and which writes nothing without that one. */
  readonly deposed?: ProcessIdentity | undefined;
  readonly identity?: ProcessIdentity;
  readonly liveness?: (identity: ProcessIdentity) => Promise<Liveness>;
  /** Milliseconds of a clock that nobody adjusts; default: `performance.now`. */
  readonly elapsed?: () => number;
}

export interface Lease {
  /** Only increases: a later holder has a higher number. */
  readonly number: number;
  /** The previous holder, if it did not release the lease. */
  readonly predecessor: LeaseHolder | undefined;
  /** Aborted with UnsafeError once the lease is known to be lost: write nothing more. */
  readonly lost: AbortSignal;
  /** True if the lease is unexpired by the clocks alone. If not, `lost` is aborted. */
  isUnexpired(): boolean;
  /** Checks whether the lease is still held. If not, returns false and aborts `lost`. */
  confirm(): Promise<boolean>;
  /** Releases the lease, even if it ran out and nobody took it. Call this when nothing is in progress. */
  release(): Promise<void>;
}

/** The daemon's name in the lease. */
export const DAEMON = 'gates run';

const POLL = 500;
const RENEWAL = 5_000;
/** Milliseconds: a lease that was seen without a renewal for so long may be taken. */
const SILENCE = 20_000;
/** Milliseconds after which a holder stops: earlier than that, so that its last calls have time to arrive. */
const VALIDITY = 15_000;

/**
 * Takes a right that only one of the processes that share a state folder has at a time.
 *
 * A lease is a sequence of numbered records, and the maker of the highest one holds it. A process takes over by making
 * the next number, with a link that fails if it exists: if two see a dead holder, one wins. The highest record is never
 * deleted (a release is written into it), so numbers are never reused.
 *
 * Throws UnreachableError after `wait` milliseconds, UnsafeError if the file system is unsuitable, or the signal's
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
 * `daemon`: the right to be the daemon; `pass`: the turn to write. The folder keeps its old name, so that this version
 * and a daemon of an earlier one still exclude each other.
 */
export function leaseDirectory(stateDir: string, right: 'daemon' | 'pass'): string {
  return path.join(stateDir, 'lease', right);
}

/** True if a daemon works on this state folder; undefined if this process cannot see the machine on which it runs. */
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

/** One moment by two clocks: one stops while the machine sleeps, the other can be adjusted. */
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
  /** The moment before anybody could see the record. */
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
    // Checked last, because the process may have been stopped while it waited for the disk.
    return isUnexpired();
  }

  async function renew(): Promise<void> {
    if (!isUnexpired()) return;
    const begins = momentOf(clock, elapsed);
    try {
      await rewriteRecord(directory, number, { ...mine, renewedAt: new Date(begins.wall).toISOString() });
      if (await confirm()) renewed = begins;
    } catch {
      // The disk is full or does not answer: the next renewal tries again until the lease has run out.
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

/** The holder in words. */
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
