import type { Clock } from '../../core/world.ts';
import { nextOpening, type Window } from './windows.ts';

/** Tells when a window opens. */
export interface WindowWatch {
  /** Watches these from now on; the same again changes nothing. */
  set(windows: readonly Window[], timezone: string): void;
}

/** Milliseconds; the clock of the machine may be set meanwhile, or may have stood still. */
const LONGEST_SLEEP = 60_000;

export function createWindowWatch(
  onOpen: () => void,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): WindowWatch {
  let watched = '';
  let ending = new AbortController();

  async function watch(windows: readonly Window[], timezone: string, end: AbortSignal): Promise<void> {
    for (;;) {
      const next = nextOpening(windows, timezone, clock.now());
      if (next === undefined) return;
      for (let left = until(next); left > 0; left = until(next))
        await clock.sleep(Math.min(left, LONGEST_SLEEP), end);
      onOpen();
    }
  }

  function until(next: Date): number {
    return next.getTime() - clock.now().getTime();
  }

  return {
    set(windows, timezone) {
      const wanted = JSON.stringify([windows, timezone]);
      if (wanted === watched) return;
      watched = wanted;
      ending.abort();
      ending = new AbortController();
      // It rejects when it is ended, and at no other time.
      watch(windows, timezone, AbortSignal.any([signal, ending.signal])).catch(() => {});
    },
  };
}
