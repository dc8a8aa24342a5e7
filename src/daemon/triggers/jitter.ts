import type { Clock } from '../../core/world.ts';

/** Puts off what comes on schedule by a time of chance, so that many daemons do not ask at the same second. */
export interface Jitter {
  /** The longest delay from now on, in seconds. */
  set(seconds: number): void;
  /** Does the same later. What comes again while it waits is done once. */
  before(act: () => void): () => void;
}

export interface JitterOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Aborted: what still waits is not done. */
  readonly signal: AbortSignal;
}

export function createJitter({ clock, random, signal }: JitterOptions): Jitter {
  let longest = 0;
  return {
    set(seconds) {
      longest = seconds * 1000;
    },
    before(act) {
      let waits = false;
      return () => {
        if (waits) return;
        if (longest === 0) return act();
        waits = true;
        clock.sleep(Math.floor(random() * longest), signal).then(
          () => {
            waits = false;
            act();
          },
          () => {},
        );
      };
    },
  };
}
