import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../core/world.ts';

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(milliseconds, signal) {
    signal?.throwIfAborted();
    try {
      await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
