import type { Clock } from '../../src/core/world.ts';

/** The most milliseconds that patient clocks go on in one tick, and the milliseconds from one tick to the next. */
const [MOST, TICK] = [50, 5];

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

const sleepers = new Set<Sleeper>();
/** Milliseconds that all patient clocks have gone on since this module was loaded. */
let passed = 0;
/** The real one, also while a test plays another time. */
const elapsed = performance.now.bind(performance);
let last = elapsed();

function tick(): void {
  const now = elapsed();
  passed += Math.min(MOST, now - last);
  last = now;
  for (const sleeper of [...sleepers].sort((left, right) => left.due - right.due)) {
    if (sleeper.due > passed) break;
    sleepers.delete(sleeper);
    sleeper.wake();
  }
}

setInterval(tick, TICK).unref();

/**
 * `patientClock` makes a clock for a daemon under test. It begins with the time of the machine and keeps its pace while
 * this process runs, but stands still while it does not: a busy machine, or a git command that blocks the process for
 * seconds, loses no lease and meets no time limit.
 */
export function patientClock(): Clock {
  const begun = Date.now() - passed;
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
