import { systemClock } from '../../src/clients/state/clock.ts';
import type { Clock } from '../../src/core/world.ts';

/** The most that the clock goes on between two ticks, and the time from one tick to the next, in milliseconds. */
const [MOST, TICK] = [50, 5];

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/**
 * `patientClock` is the clock of a daemon under test. It keeps the machine's pace while this process runs, and stands
 * still while it does not: a busy machine, or a git command that blocks the process for seconds, loses no lease and
 * meets no time limit.
 */
export const patientClock: Clock = start();

function start(): Clock {
  const begun = systemClock.now().getTime();
  let passed = 0;
  let last = performance.now();
  const sleepers = new Set<Sleeper>();
  const tick = () => {
    const now = performance.now();
    passed += Math.min(MOST, now - last);
    last = now;
    for (const sleeper of [...sleepers].sort((left, right) => left.due - right.due)) {
      if (sleeper.due > passed) break;
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };
  setInterval(tick, TICK).unref();
  return {
    now: () => new Date(begun + passed),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper = {
          due: passed + milliseconds,
          wake: () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      }),
  };
}
