import type { Clock } from '../../core/world.ts';
import { nextOpening, type Window } from './windows.ts';

/** Reports when a window opens. */
export interface WindowWatch {
  /** Watches these windows from now on; equal ones change nothing. */
  set(windows: readonly Window[], timezone: string): void;
}

/** Milliseconds; meanwhile somebody may adjust the machine's clock, or it may have stopped. */
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
      for (let remaining = until(next); remaining > 0; remaining = until(next))
        await clock.sleep(Math.min(remaining, LONGEST_SLEEP), end);
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
      // It rejects only when it is aborted.
      watch(windows, timezone, AbortSignal.any([signal, ending.signal])).catch(() => {});
    },
  };
}
