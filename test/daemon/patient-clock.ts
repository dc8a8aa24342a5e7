import type { Clock } from '../../src/core/world.ts';

/** The most milliseconds that a tick adds to patient clocks, and the milliseconds between ticks. */
const [MOST, TICK] = [50, 5];

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

const sleepers = new Set<Sleeper>();
/** The milliseconds that all patient clocks have advanced since this module was loaded. */
let passed = 0;
/** The real elapsed time, even while a test fakes the time. */
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
 * `patientClock` makes a clock for a daemon under test. It begins at the machine's time and keeps pace while this
 * process runs, but stops while the process does not run: a busy machine, or a git command that blocks the process for
 * seconds, costs no lease and no time limit.
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
