import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UnsafeError } from '../../../src/core/errors.ts';
import { acquireLease, type Lease, leaseDirectory } from '../../../src/daemon/lease/lease.ts';
import { turnOf } from '../../../src/daemon/lease/lease-turn.ts';
import { runsInTurns } from '../../../src/daemon/run/run-turns.ts';
import type { LastRun } from '../../../src/report/status/status.ts';
import { quietLog } from '../quiet-log.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { virtualClock } from '../virtual-clock.ts';

/** A lease whose state the test sets. */
function lease() {
  const lost = new AbortController();
  const play = { unexpired: true, held: async () => true };
  const made: Lease = {
    number: 1,
    predecessor: undefined,
    lost: lost.signal,
    isUnexpired: () => play.unexpired,
    confirm: () => play.held(),
    release: async () => {},
  };
  return { made, play, lose: (reason: Error) => lost.abort(reason) };
}

describe('a turn that depends on two leases', () => {
  it('may write while both are held, and has ended when either is lost', async () => {
    for (const which of [0, 1]) {
      const leases = [lease(), lease()];
      const turn = turnOf(
        leases.map(({ made }) => made),
        new AbortController().signal,
      );
      await turn.mayWrite();
      expect(await turn.confirm()).toBe(true);
      const reason = new UnsafeError('lost');
      leases[which]?.lose(reason);
      if (leases[which]) leases[which].play.held = async () => false;
      await expect(turn.mayWrite()).rejects.toBe(reason);
      expect(turn.signal.reason).toBe(reason);
      expect(await turn.confirm()).toBe(false);
    }
  });

  it('does not write when the first one expired while the second was checked', async () => {
    const [first, second] = [lease(), lease()];
    second.play.held = async () => {
      first.play.unexpired = false;
      return true;
    };
    const turn = turnOf([first.made, second.made], new AbortController().signal);
    await expect(turn.mayWrite()).rejects.toBeInstanceOf(UnsafeError);
    expect(turn.isUnexpired()).toBe(false);
  });

  it('does not write, and says why, when the disk fails; a stop alone does not prevent a write', async () => {
    const { made, play } = lease();
    const stop = new AbortController();
    const turn = turnOf([made], stop.signal);
    stop.abort(new Error('SIGTERM'));
    await turn.mayWrite();
    play.held = async () => {
      throw new Error('EIO');
    };
    await expect(turn.mayWrite()).rejects.toMatchObject({
      message: expect.stringContaining('cannot be read'),
      facts: { applied: 'no' },
    });
    expect(await turn.confirm()).toBe(false);
  });
});

describe('a run in its turn', () => {
  const stage = () => {
    const stateDir = temporaryDirectory();
    const changes: { waitingFor?: string | undefined; lastRun?: LastRun | undefined }[] = [];
    const stop = new AbortController();
    const clock = virtualClock();
    const options = {
      stateDir,
      lease: lease().made,
      status: { change: (parts: (typeof changes)[number]) => void changes.push(parts) },
      clock,
      log: quietLog(),
      stop: stop.signal,
    };
    return { options, changes, stop, clock, directory: leaseDirectory(stateDir, 'pass') };
  };

  it('gives the turn back, even when the run fails', async () => {
    const { options, directory, clock } = stage();
    const fails = runsInTurns(async () => {
      throw new Error('unexpected error');
    }, options);
    await expect(fails([{ type: 'start' }])).rejects.toThrow('unexpected error');
    const signal = new AbortController().signal;
    const next = await acquireLease({ directory, command: 'gates apply', clock, wait: 0, signal });
    expect(next).toMatchObject({ number: 2, predecessor: undefined });
  });

  it('does not begin without a turn: the status says why, and the daemon tries again', async () => {
    const { options, changes, directory } = stage();
    writeFileSync(path.dirname(directory), 'no folder');
    let made = 0;
    const pass = runsInTurns(async () => {
      made += 1;
      return { retryAfter: undefined };
    }, options);
    expect(await pass([{ type: 'schedule' }])).toEqual({ retryAfter: 0 });
    expect(made).toBe(0);
    expect(changes.at(-1)?.lastRun).toMatchObject({
      triggers: ['schedule'],
      result: 'error',
      error: expect.stringMatching(/EEXIST|ENOTDIR/),
    });
  });

  it('stops waiting when the daemon is stopped', async () => {
    const { options, stop, directory, clock } = stage();
    const signal = new AbortController().signal;
    await acquireLease({ directory, command: 'gates apply', clock, wait: 0, signal });
    const pass = runsInTurns(async () => ({ retryAfter: 1 }), options)([{ type: 'start' }]);
    await clock.asleep(2);
    stop.abort(new Error('SIGTERM'));
    expect(await pass).toEqual({ retryAfter: undefined });
  });
});
