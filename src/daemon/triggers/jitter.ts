import type { Clock } from '../../core/world.ts';

/** Delays scheduled acts by a random time, so that many daemons do not call at the same second. */
export interface Jitter {
  /** The longest delay from now on, in seconds. */
  set(seconds: number): void;
  /** A function that acts later. Several calls while it waits act once. */
  before(act: () => void): () => void;
}

export interface JitterOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Aborted: an act that still waits is dropped. */
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
