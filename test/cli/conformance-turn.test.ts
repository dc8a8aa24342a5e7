import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conformance } from '../../src/cli/commands/conformance.ts';
import { ConfigError, UnreachableError } from '../../src/core/errors.ts';
import { acquireLease, DAEMON, leaseDirectory } from '../../src/daemon/lease/lease.ts';
import { runsInTurns } from '../../src/daemon/run/run-turns.ts';
import { quietLog } from '../daemon/quiet-log.ts';
import { temporaryDirectory } from '../daemon/temporary-directory.ts';
import { type VirtualClock, virtualClock } from '../daemon/virtual-clock.ts';

const second = 1_000;
const options = {
  ...{ zone: 'example.dev', tunnel: 'homelab', authentik: false, full: false },
  ...{ json: false, yes: true, fresh: false },
};

let stateDir: string;
let clock: VirtualClock;
let elapsed: () => number;
let stop: AbortController;

beforeEach(() => {
  stateDir = temporaryDirectory();
  clock = virtualClock();
  elapsed = () => clock.now().getTime();
  stop = new AbortController();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.stubEnv('GATES_STATE_DIR', stateDir);
  // Without a token, a command that begins fails here, before it calls anything.
  vi.stubEnv('CLOUDFLARE_API_TOKEN', undefined);
  vi.stubEnv('CLOUDFLARE_API_TOKEN_FILE', undefined);
});

afterEach(() => {
  stop.abort();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Starts a daemon in the middle of a run, and returns a function that ends that run. */
async function daemonAtWork(): Promise<() => void> {
  let end = () => {};
  const run = new Promise<void>((resolve) => {
    end = resolve;
  });
  const lease = await acquireLease({
    ...{ directory: leaseDirectory(stateDir, 'daemon'), command: DAEMON, clock, elapsed },
    ...{ wait: Number.POSITIVE_INFINITY, signal: stop.signal },
  });
  let isAtWork = () => {};
  const begun = new Promise<void>((resolve) => {
    isAtWork = resolve;
  });
  const pass = async () => {
    isAtWork();
    await run;
    return { retryAfter: undefined };
  };
  const status = { change: () => {} };
  const turns = runsInTurns(pass, {
    stateDir,
    lease,
    status,
    clock,
    elapsed,
    log: quietLog(),
    stop: stop.signal,
  });
  void turns([]).then(() => lease.release());
  await begun;
  return end;
}

/** Starts the command, and returns a function that gives its result so far; undefined while it waits. */
function conformanceRun(sweep: boolean): () => unknown {
  let ended: unknown;
  conformance({ ...options, sweep }, { clock, elapsed }).then(
    (code) => {
      ended = code;
    },
    (error: unknown) => {
      ended = error;
    },
  );
  return () => ended;
}

describe.each([{ sweep: false }, { sweep: true }])('gates conformance (--sweep: $sweep)', ({ sweep }) => {
  it('begins at once while a daemon is between two runs', async () => {
    const end = await daemonAtWork();
    end();
    await clock.advance(second);
    const ended = conformanceRun(sweep);
    await clock.advance(second);
    expect(ended()).toBeInstanceOf(ConfigError);
  });

  it('waits for the run of a daemon, and begins once that run has ended', async () => {
    const end = await daemonAtWork();
    const ended = conformanceRun(sweep);
    await clock.advance(20 * second);
    expect(ended()).toBeUndefined();
    end();
    await clock.advance(2 * second);
    expect(ended()).toMatchObject({ message: 'No token for Cloudflare' });
  });

  it('refuses to begin when the run of a daemon has not ended after 30 seconds', async () => {
    const end = await daemonAtWork();
    const ended = conformanceRun(sweep);
    await clock.advance(29 * second);
    expect(ended()).toBeUndefined();
    await clock.advance(2 * second);
    expect(ended()).toBeInstanceOf(UnreachableError);
    expect(ended()).toMatchObject({ facts: { detail: expect.stringContaining(DAEMON) } });
    end();
  });
});
