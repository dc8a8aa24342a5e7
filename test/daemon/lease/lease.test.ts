import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UnreachableError, UnsafeError } from '../../../src/core/errors.ts';
import {
  acquireLease,
  DAEMON,
  isDaemonAlive,
  type Lease,
  type LeaseOptions,
  leaseDirectory,
} from '../../../src/daemon/lease/lease.ts';
import type { LeaseHolder } from '../../../src/daemon/lease/lease-record.ts';
import { livenessOf, thisProcess } from '../../../src/daemon/lease/process-identity.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { type VirtualClock, virtualClock } from '../virtual-clock.ts';

function options(directory: string, clock: VirtualClock, more: Partial<LeaseOptions> = {}): LeaseOptions {
  const signal = new AbortController().signal;
  const elapsed = () => clock.now().getTime();
  return { directory, command: 'gates run', clock, wait: Number.POSITIVE_INFINITY, signal, elapsed, ...more };
}

/** A holder as another machine would record it. */
function elsewhere(renewed: Date): LeaseHolder {
  const time = renewed.toISOString();
  return {
    pid: process.pid,
    place: 'another machine',
    host: 'other',
    startedAt: undefined,
    id: 'b',
    command: 'gates run',
    since: time,
    renewedAt: time,
    released: false,
  };
}

function write(directory: string, number: number, holder: unknown): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, `${number}.json`), JSON.stringify(holder));
}

/** True if a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

describe('a lease that is free', () => {
  it('is taken at once, by one process, and leaves one file that names the holder', async () => {
    const directory = path.join(temporaryDirectory(), 'state', 'lease');
    const lease = await acquireLease(options(directory, virtualClock()));
    expect(readdirSync(directory)).toEqual(['1.json']);
    const holder = JSON.parse(readFileSync(path.join(directory, '1.json'), 'utf8'));
    expect(holder).toMatchObject({ pid: process.pid, command: 'gates run', released: false });
    expect(await lease.confirm()).toBe(true);
    await lease.release();
  });

  it('goes to exactly one of twenty who ask at once, and to each in turn', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    let holding = 0;
    let most = 0;
    let served = 0;
    const all = Array.from({ length: 20 }, async () => {
      const lease = await acquireLease(options(directory, clock));
      holding += 1;
      most = Math.max(most, holding);
      served += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(await lease.confirm()).toBe(true);
      holding -= 1;
      await lease.release();
    });
    const done = Promise.all(all);
    while (!(await isSettled(done))) await clock.advance(1_000);
    expect({ most, served }).toEqual({ most: 1, served: 20 });
  });
});

describe('a lease that is held', () => {
  it('makes others wait, and each waiting process says once for whom', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    const first = await acquireLease(options(directory, clock));
    const reports: string[] = [];
    const second = acquireLease(options(directory, clock, { onWait: (holder) => reports.push(holder) }));
    await clock.advance(120_000);
    expect(await isSettled(second)).toBe(false);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain(`gates run, process ${process.pid}`);
    await first.release();
    await clock.advance(1_000);
    expect(await (await second).confirm()).toBe(true);
  });

  it('is not awaited longer than asked', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    await acquireLease(options(directory, clock));
    const second = acquireLease(options(directory, clock, { wait: 30_000, command: 'gates apply' }));
    const failure = second.catch((error: unknown) => error);
    await clock.advance(29_000);
    expect(await isSettled(failure)).toBe(false);
    await clock.advance(2_000);
    expect(await failure).toBeInstanceOf(UnreachableError);
  });

  it('is not awaited after a signal', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    await acquireLease(options(directory, clock));
    const controller = new AbortController();
    const second = acquireLease(options(directory, clock, { signal: controller.signal }));
    const failure = second.catch((error: unknown) => error);
    await clock.asleep(2);
    controller.abort(new Error('stopped'));
    expect(String(await failure)).toContain('stopped');
  });

  it('is taken at once from a process that was killed', async () => {
    const directory = temporaryDirectory();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const identity = { ...(await thisProcess()), pid, startedAt: await startOf(pid) };
    await acquireLease(options(directory, virtualClock(), { identity }));
    expect(await livenessOf(identity)).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = await acquireLease({ ...options(directory, virtualClock()), wait: 0 });
    expect(await next.confirm()).toBe(true);
    expect(readdirSync(directory)).toEqual(['2.json']);
  });

  it('is taken from a living process that was silent for 20 seconds, such as a stopped one', async () => {
    const directory = temporaryDirectory();
    const me = await thisProcess();
    write(directory, 1, { ...elsewhere(new Date()), ...me });
    const clock = virtualClock();
    const mine = acquireLease(options(directory, clock));
    await clock.advance(19_000);
    expect(await isSettled(mine)).toBe(false);
    await clock.advance(2_000);
    expect(await mine).toMatchObject({ number: 2, predecessor: { pid: process.pid, id: 'b' } });
  });

  it('is taken at once from a process whose number another process has now', async () => {
    const directory = temporaryDirectory();
    const me = await thisProcess();
    await acquireLease(options(directory, virtualClock(), { identity: { ...me, startedAt: '1' } }));
    const next = await acquireLease({ ...options(directory, virtualClock()), wait: 0 });
    expect(await next.confirm()).toBe(true);
  });
});

describe('a holder on a machine out of reach', () => {
  it('keeps the lease while it renews it', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    write(directory, 4, elsewhere(clock.now()));
    const mine = acquireLease(options(directory, clock));
    for (let beat = 0; beat < 10; beat += 1) {
      await clock.advance(15_000);
      write(directory, 4, elsewhere(clock.now()));
    }
    expect(await isSettled(mine)).toBe(false);
  });

  it('loses it after 20 silent seconds, whatever its clock says', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    write(directory, 4, elsewhere(new Date(clock.now().getTime() + 3_600_000)));
    const mine = acquireLease(options(directory, clock));
    await clock.advance(19_000);
    expect(await isSettled(mine)).toBe(false);
    await clock.advance(2_000);
    expect(await (await mine).confirm()).toBe(true);
  });

  it('keeps it for as long if its last renewal is an hour old: clocks differ, and nobody has watched yet', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    write(directory, 4, elsewhere(new Date(clock.now().getTime() - 3_600_000)));
    const mine = acquireLease(options(directory, clock));
    await clock.advance(19_000);
    expect(await isSettled(mine)).toBe(false);
    await clock.advance(2_000);
    expect(await (await mine).confirm()).toBe(true);
    expect(readdirSync(directory)).toEqual(['5.json']);
  });

  it('loses it at once to a process that took another lease from the same holder, which needs both to write', async () => {
    const directory = temporaryDirectory();
    const holder = { ...elsewhere(new Date()), startedAt: '77' };
    write(directory, 4, holder);
    const at = (deposed: LeaseOptions['deposed']) =>
      acquireLease({ ...options(directory, virtualClock()), wait: 0, deposed });
    await expect(at({ ...holder, startedAt: '78' })).rejects.toBeInstanceOf(UnreachableError);
    await expect(at({ ...holder, place: 'a third machine' })).rejects.toBeInstanceOf(UnreachableError);
    expect(await (await at(holder)).confirm()).toBe(true);
  });

  it.each(['', '{', '[]', '{"pid":"1"}'])('includes one that left %j', async (text) => {
    const directory = temporaryDirectory();
    writeFileSync(path.join(directory, '7.json'), text);
    const clock = virtualClock();
    const mine = acquireLease(options(directory, clock));
    await clock.advance(19_000);
    expect(await isSettled(mine)).toBe(false);
    await clock.advance(2_000);
    expect(await (await mine).confirm()).toBe(true);
  });
});

describe('the holder of a lease', () => {
  it('keeps renewing it', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    const lease = await acquireLease(options(directory, clock));
    await clock.advance(61_000);
    const { renewedAt } = JSON.parse(readFileSync(path.join(directory, '1.json'), 'utf8'));
    expect(Date.parse(renewedAt)).toBeGreaterThanOrEqual(clock.now().getTime() - 6_000);
    await lease.release();
  });

  it('learns that it was taken away, by itself and when it checks, and does not give it back', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    const lease = await acquireLease(options(directory, clock));
    write(directory, 2, elsewhere(clock.now()));
    await clock.advance(6_000);
    expect(lease.lost.aborted).toBe(true);
    expect(lease.lost.reason).toBeInstanceOf(UnsafeError);
    expect(await lease.confirm()).toBe(false);
    await lease.release();
    expect(JSON.parse(readFileSync(path.join(directory, '2.json'), 'utf8')).released).toBe(false);
  });

  it('considers it lost when its record is gone', async () => {
    const directory = temporaryDirectory();
    const lease = await acquireLease(options(directory, virtualClock()));
    rmSync(path.join(directory, '1.json'));
    expect(await lease.confirm()).toBe(false);
    expect(lease.lost.aborted).toBe(true);
    await lease.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('considers it lost before others do when the disk does not answer', async () => {
    const directory = path.join(temporaryDirectory(), 'lease');
    const clock = virtualClock();
    const lease = await acquireLease(options(directory, clock));
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'no folder');
    await clock.advance(11_000);
    expect(lease.lost.aborted).toBe(false);
    await expect(lease.confirm()).rejects.toThrow();
    await clock.advance(10_000);
    expect(lease.lost.aborted).toBe(true);
    await lease.release();
  });

  it.each([
    { because: 'the process was stopped, or the event loop was', elapsed: 15_000, wall: 15_000 },
    { because: 'the machine slept, and its steady clock with it', elapsed: 0, wall: 15_000 },
    { because: 'somebody set the clock back while it was stopped', elapsed: 15_000, wall: -3_600_000 },
  ])('does not write after a lease that nobody renewed: $because', async ({ elapsed, wall }) => {
    const directory = temporaryDirectory();
    const start = Date.parse('2026-03-01T12:00:00.000Z');
    const now = { elapsed: 0, wall: start };
    const never = new Promise<never>(() => {});
    const clock = { now: () => new Date(now.wall), sleep: () => never };
    const lease = await acquireLease({
      ...options(directory, virtualClock()),
      clock,
      elapsed: () => now.elapsed,
    });
    Object.assign(now, { elapsed: elapsed - 1, wall: start + (wall > 0 ? wall - 1 : wall) });
    expect(await lease.confirm()).toBe(true);
    Object.assign(now, { elapsed, wall: start + wall });
    expect(lease.isUnexpired()).toBe(false);
    expect(lease.lost.reason).toBeInstanceOf(UnsafeError);
    Object.assign(now, { elapsed: 0, wall: start });
    expect(await lease.confirm()).toBe(false);
  });

  it('is not saved by a late renewal', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    const now = { late: 0 };
    const elapsed = () => clock.now().getTime() + now.late;
    const lease = await acquireLease(options(directory, clock, { elapsed }));
    const before = readFileSync(path.join(directory, '1.json'), 'utf8');
    now.late = 12_000;
    await clock.advance(5_000);
    expect(lease.lost.aborted).toBe(true);
    expect(readFileSync(path.join(directory, '1.json'), 'utf8')).toBe(before);
  });

  it('releases an expired lease that nobody took, so that the next process need not watch it', async () => {
    const directory = temporaryDirectory();
    const clock = virtualClock();
    const now = { late: 0 };
    const elapsed = () => clock.now().getTime() + now.late;
    const lease = await acquireLease(options(directory, clock, { elapsed }));
    now.late = 60_000;
    expect(await lease.confirm()).toBe(false);
    await lease.release();
    const next = await acquireLease({ ...options(directory, clock), wait: 0 });
    expect(next).toMatchObject({ number: 2, predecessor: undefined });
  });

  it('can release it twice', async () => {
    const directory = temporaryDirectory();
    const lease: Lease = await acquireLease(options(directory, virtualClock()));
    await lease.release();
    await lease.release();
    expect(JSON.parse(readFileSync(path.join(directory, '1.json'), 'utf8')).released).toBe(true);
  });
});

it('this process counts as alive, and one elsewhere as unknown', async () => {
  const me = await thisProcess();
  expect(await livenessOf(me)).toBe('alive');
  expect(await livenessOf({ ...me, place: 'elsewhere' })).toBe('unknown');
  expect(await livenessOf({ ...me, startedAt: undefined })).toBe('unknown');
});

async function startOf(pid: number): Promise<string | undefined> {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

describe('the state of a daemon', () => {
  it('is known from its lease', async () => {
    const stateDir = temporaryDirectory();
    expect(await isDaemonAlive(stateDir)).toBe(false);
    const directory = leaseDirectory(stateDir, 'daemon');
    const lease = await acquireLease(options(directory, virtualClock(), { command: DAEMON }));
    expect(await isDaemonAlive(stateDir)).toBe(true);
    await lease.release();
    expect(await isDaemonAlive(stateDir)).toBe(false);
  });

  it('is not derived from an apply that has its turn, nor from a machine out of reach', async () => {
    const stateDir = temporaryDirectory();
    const directory = leaseDirectory(stateDir, 'daemon');
    const turn = leaseDirectory(stateDir, 'pass');
    await acquireLease(options(turn, virtualClock(), { command: 'gates apply' }));
    expect(await isDaemonAlive(stateDir)).toBe(false);
    mkdirSync(directory);
    expect(await isDaemonAlive(stateDir)).toBe(false);
    write(directory, 2, elsewhere(new Date()));
    expect(await isDaemonAlive(stateDir)).toBeUndefined();
    write(directory, 3, 'damaged');
    expect(await isDaemonAlive(stateDir)).toBeUndefined();
  });
});
