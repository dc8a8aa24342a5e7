import type { Clock } from '../../core/world.ts';
import type { Cause, Triggers } from '../triggers/triggers.ts';
import type { RunResult } from './run-ending.ts';

export interface LoopOptions {
  readonly triggers: Triggers;
  readonly run: (causes: readonly Cause[]) => Promise<RunResult>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From 0 to 1: spreads the retries of many daemons after an outage of their forge. */
  readonly random: () => number;
}

const FIRST_RETRY = 15_000;
const LAST_RETRY = 300_000;

/** The most runs in a row that follow another at once: two writers must not keep each other busy. */
const MOST_AT_ONCE = 3;

/**
 * Runs one after the other until the signal is aborted; all requests during a run make one more. After an error that
 * may pass, the next run comes sooner than scheduled. After a meeting with another writer it comes at once, some times
 * in a row.
 */
export async function runLoop({ triggers, run, clock, signal, random }: LoopOptions): Promise<void> {
  let failures = 0;
  let atOnce = 0;
  let waiting = new AbortController();
  for (;;) {
    const causes = await triggers.next(signal);
    waiting.abort();
    if (causes === undefined) return;
    const { again = false, retryAfter = again ? 0 : undefined } = await run(causes);
    if (again && atOnce < MOST_AT_ONCE) {
      atOnce += 1;
      triggers.request({ type: 'retry' });
      continue;
    }
    if (!again) atOnce = 0;
    failures = retryAfter === undefined ? 0 : failures + 1;
    if (retryAfter === undefined) continue;
    waiting = new AbortController();
    const backoff = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1)) * (0.75 + random() / 2);
    clock.sleep(Math.max(backoff, retryAfter), AbortSignal.any([signal, waiting.signal])).then(
      () => triggers.request({ type: 'retry' }),
      () => {},
    );
  }
}
