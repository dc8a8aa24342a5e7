import type { Clock } from '../../core/world.ts';
import type { Paused } from '../../report/status/status.ts';
import type { Log } from '../log/log.ts';
import type { Triggers } from './triggers.ts';

export interface PauseWatchOptions {
  /** The pause, if gates is paused; never rejects. */
  readonly read: () => Promise<Paused | undefined>;
  readonly triggers: Pick<Triggers, 'request'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted: stop checking. */
  readonly signal: AbortSignal;
}

/** Milliseconds between two checks: the longest wait after a person resumes gates. */
const EVERY = 2_000;

/**
 * Watches for pauses by a person, and requests a run at each change: after a pause one that reports it, after a resume
 * one that continues. A person who pauses gates needs only the state folder. Returns a check for code that cannot wait
 * for the next one. A change that this check finds counts too, so that no short pause is missed.
 */
export function watchPause(options: PauseWatchOptions): () => Promise<Paused | undefined> {
  const { read, triggers, log } = options;
  let known: Paused | undefined;
  let isFirst = true;

  async function look(): Promise<Paused | undefined> {
    const paused = await read();
    const before = known;
    known = paused;
    if (paused !== undefined && paused.reason !== before?.reason) log.warn('paused', { ...paused });
    if (paused === undefined && before !== undefined) log.info('resumed', { ...before });
    const isChange = (paused === undefined) !== (before === undefined) && !isFirst;
    isFirst = false;
    if (isChange) triggers.request({ type: paused === undefined ? 'resume' : 'pause' });
    return paused;
  }

  void goOnLooking(look, options);
  return look;
}

async function goOnLooking(
  look: () => Promise<unknown>,
  { clock, signal }: Pick<PauseWatchOptions, 'clock' | 'signal'>,
): Promise<void> {
  while (!signal.aborted) {
    await look();
    await clock.sleep(EVERY, signal).catch(() => {});
  }
}
