import type { Clock } from '../../src/core/world.ts';

/** A clock that stands still until a test advances it, so that real time never decides a test. */
export interface VirtualClock extends Clock {
  /** Advances the clock, and wakes every due sleeper, in order. */
  advance(milliseconds: number): Promise<void>;
  /** Resolves once `count` sleepers are asleep. */
  asleep(count: number): Promise<void>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

export function virtualClock(start = '2026-03-01T12:00:00.000Z'): VirtualClock {
  let now = Date.parse(start);
  const sleepers = new Set<Sleeper>();
  return {
    now: () => new Date(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const wake = () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const sleeper = { due: now + milliseconds, wake };
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      }),
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await settle();
        const [next] = [...sleepers].sort((left, right) => left.due - right.due);
        if (next === undefined || next.due > end) break;
        now = Math.max(now, next.due);
        sleepers.delete(next);
        next.wake();
      }
      now = end;
      await settle();
    },
    async asleep(count) {
      while (sleepers.size < count) await settle();
    },
  };
}

/** Runs everything that waits only for the disk or a microtask. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 5; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (
      process
        .getActiveResourcesInfo()
        .some((resource) => resource.endsWith('Req') || resource.startsWith('FSReq'))
    )
      quiet = 0;
  }
}
