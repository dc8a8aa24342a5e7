import type { Clock } from '../../src/core/world.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/**
 * The sandbox's own time, for code that waits for the edge. When every task sleeps and no call is under way, the clock
 * advances to the first wake-up. Simultaneous sleepers share it.
 */
export function sharedClock(sandbox: Sandbox, isBusy: () => boolean): Clock {
  const sleepers = new Set<Sleeper>();
  let goesOn = false;
  const goOn = async () => {
    goesOn = true;
    while (sleepers.size > 0) {
      await quiet(isBusy);
      const [next] = [...sleepers].sort((left, right) => left.due - right.due);
      if (next === undefined) break;
      await sandbox.advance(Math.max(0, next.due - sandbox.now()));
      sleepers.delete(next);
      next.wake();
    }
    goesOn = false;
  };
  return {
    now: () => new Date(sandbox.now()),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const wake = () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const sleeper = { due: sandbox.now() + milliseconds, wake };
        sleepers.add(sleeper);
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', stop, { once: true });
        if (!goesOn) void goOn();
      }),
  };
}

/** Resolves when only sleepers remain. */
async function quiet(isBusy: () => boolean): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isBusy()) turns = -1;
  }
}
