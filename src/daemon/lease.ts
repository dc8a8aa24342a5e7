import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listDirectory, readOptionalFile, writePrivateFile } from '../clients/state/private-file.ts';
import { UnreachableError, UnsafeError } from '../core/errors.ts';
import type { Clock } from '../core/world.ts';
import { type Liveness, livenessOf, type ProcessIdentity, thisProcess } from './process-identity.ts';

/** Who holds the right to write, as the file says it. */
export interface LeaseHolder extends ProcessIdentity {
  readonly id: string;
  /** `gates run`, `gates apply`: for people. */
  readonly command: string;
  readonly since: string;
  /** When the holder last said that it lives. */
  readonly heartbeat: string;
  readonly released: boolean;
}

export interface LeaseOptions {
  /** `$GATES_STATE_DIR/lease`. */
  readonly directory: string;
  readonly command: string;
  readonly clock: Clock;
  /** Milliseconds to wait for a live holder; Infinity for a daemon. */
  readonly wait: number;
  readonly signal: AbortSignal;
  /** Called once for each holder that has to be waited for. */
  readonly onWait?: (holder: string) => void;
  readonly identity?: ProcessIdentity;
  readonly liveness?: (identity: ProcessIdentity) => Promise<Liveness>;
}

export interface Lease {
  /** Aborted with UnsafeError as soon as the lease is known to be lost: write nothing more. */
  readonly lost: AbortSignal;
  /** Looks again whether the lease is still held; false, and `lost` aborted, when it is not. */
  confirm(): Promise<boolean>;
  release(): Promise<void>;
}

/** What the daemon calls itself in the lease. */
export const DAEMON = 'gates run';

const POLL = 1_000;
const HEARTBEAT = 5_000;
/** A holder that nobody here can look at is dead when it has been silent for as long as this is watched … */
const SILENCE = 20_000;
/** … or when its last word is older than any two clocks differ. */
const LONG_AGO = 300_000;

/**
 * Takes the one right to write that belongs to a state directory.
 *
 * The lease is a row of numbered files, and whoever made the highest one holds it. Taking over is making the
 * next number with a link that fails when it is there: of two that both saw a dead holder, one wins. The
 * highest is never deleted (a release is written into it), so numbers are never used twice.
 *
 * Throws UnreachableError after `wait` milliseconds, or the signal's reason.
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { clock, signal, directory } = options;
  const identity = options.identity ?? (await thisProcess());
  const liveness = options.liveness ?? livenessOf;
  const started = clock.now().getTime();
  let watched: { readonly beat: string; readonly since: number } | undefined;
  let announced: number | undefined;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (;;) {
    signal.throwIfAborted();
    const current = await highest(directory);
    const holder = current === 0 ? undefined : await readHolder(directory, current);
    const beat = `${current} ${holder?.heartbeat}`;
    if (watched?.beat !== beat) watched = { beat, since: clock.now().getTime() };
    if (current === 0 || (await isFree(holder, watched.since, clock, liveness))) {
      const mine = newHolder(identity, options);
      if (await claim(directory, current + 1, mine)) return hold(directory, current + 1, mine, clock);
      continue;
    }
    if (announced !== current) {
      announced = current;
      options.onWait?.(describeHolder(holder));
    }
    if (clock.now().getTime() - started >= options.wait) throw stillHeld(holder);
    await clock.sleep(POLL, signal);
  }
}

export function leaseDirectory(stateDir: string): string {
  return path.join(stateDir, 'lease');
}

/** Whether a daemon is at work on this state directory; undefined where it runs out of sight of this process. */
export async function isDaemonAlive(stateDir: string): Promise<boolean | undefined> {
  const directory = leaseDirectory(stateDir);
  if ((await listDirectory(directory)).length === 0) return false;
  const holder = await readHolder(directory, await highest(directory));
  if (holder === undefined) return undefined;
  if (holder.released || holder.command !== DAEMON) return false;
  const alive = await livenessOf(holder);
  return alive === 'unknown' ? undefined : alive === 'alive';
}

function newHolder(identity: ProcessIdentity, options: LeaseOptions): LeaseHolder {
  const now = options.clock.now().toISOString();
  return {
    ...identity,
    id: randomUUID(),
    command: options.command,
    since: now,
    heartbeat: now,
    released: false,
  };
}

async function isFree(
  holder: LeaseHolder | undefined,
  watchedSince: number,
  clock: Clock,
  liveness: (identity: ProcessIdentity) => Promise<Liveness>,
): Promise<boolean> {
  if (holder?.released === true) return true;
  const alive = holder === undefined ? 'unknown' : await liveness(holder);
  if (alive !== 'unknown') return alive === 'gone';
  const now = clock.now().getTime();
  const lastWord = holder === undefined ? now : Date.parse(holder.heartbeat);
  return now - watchedSince >= SILENCE || now - lastWord >= LONG_AGO;
}

/** Makes the numbered file with its content in one step; false when another made it, or a higher one, first. */
async function claim(directory: string, number: number, holder: LeaseHolder): Promise<boolean> {
  const draft = path.join(directory, `draft-${holder.id}`);
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(draft, fileOf(directory, number));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  // The number may have been used and cleaned away since the folder was read.
  if ((await highest(directory)) !== number) return false;
  await clean(directory, number);
  return true;
}

function hold(directory: string, number: number, holder: LeaseHolder, clock: Clock): Lease {
  const lost = new AbortController();
  const ended = new AbortController();
  const file = fileOf(directory, number);
  const write = (change: Partial<LeaseHolder>) =>
    writePrivateFile(file, JSON.stringify({ ...holder, ...change }));
  let lastBeat = clock.now().getTime();

  async function confirm(): Promise<boolean> {
    if (lost.signal.aborted || ended.signal.aborted) return false;
    if ((await highest(directory)) === number) return true;
    lost.abort(taken());
    return false;
  }

  async function beat(): Promise<void> {
    try {
      if (!(await confirm())) return;
      await write({ heartbeat: clock.now().toISOString() });
      lastBeat = clock.now().getTime();
    } catch {
      // A full or vanished disk: others will soon believe this process dead, so it must stop before they do.
      if (clock.now().getTime() - lastBeat > SILENCE / 2) lost.abort(taken());
    }
  }

  async function keepAlive(): Promise<void> {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      try {
        await clock.sleep(HEARTBEAT, ended.signal);
      } catch {
        return;
      }
      await beat();
    }
  }

  const beating = keepAlive();
  return {
    lost: lost.signal,
    confirm,
    async release() {
      if (ended.signal.aborted) return;
      try {
        const held = await confirm();
        ended.abort();
        await beating;
        if (held) await write({ released: true });
      } catch {
        // Whoever comes next finds this process gone, which frees the lease as well.
      } finally {
        ended.abort();
      }
    },
  };
}

async function highest(directory: string): Promise<number> {
  return Math.max(0, ...(await numbers(directory)));
}

async function numbers(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const match = /^(\d+)\.json$/.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

async function clean(directory: string, current: number): Promise<void> {
  const old = (await numbers(directory)).filter((number) => number < current);
  await Promise.all(old.map((number) => rm(fileOf(directory, number), { force: true })));
}

/** The holder of a number; undefined for a file that has gone meanwhile or is not what we write. */
async function readHolder(directory: string, number: number): Promise<LeaseHolder | undefined> {
  const content = await readOptionalFile(fileOf(directory, number));
  if (content === undefined) return undefined;
  try {
    const holder: unknown = JSON.parse(content.toString('utf8'));
    return isHolder(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is LeaseHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, place, heartbeat } = value as Partial<Record<keyof LeaseHolder, unknown>>;
  return typeof pid === 'number' && typeof place === 'string' && typeof heartbeat === 'string';
}

function fileOf(directory: string, number: number): string {
  return path.join(directory, `${number}.json`);
}

function describeHolder(holder: LeaseHolder | undefined): string {
  if (holder === undefined) return 'a process that cannot be told';
  return `${holder.command}, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}

function stillHeld(holder: LeaseHolder | undefined): UnreachableError {
  return new UnreachableError('Another gates is at work on this state directory', {
    hint: 'Wait for it, or stop it; a daemon can be told to look at once: kill -HUP its process',
    facts: { detail: describeHolder(holder) },
  });
}

function taken(): UnsafeError {
  return new UnsafeError('The lease of the state directory was lost: another gates may be at work', {
    hint: 'Start it again; it waits until the other one is done',
  });
}
