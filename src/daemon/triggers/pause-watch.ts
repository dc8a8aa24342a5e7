import type { Clock } from '../../core/world.ts';
import type { Paused } from '../../report/status/status.ts';
import type { Log } from '../log/log.ts';
import type { Triggers } from './triggers.ts';

export interface PauseWatchOptions {
  /** Whether gates is paused; never rejects. */
  readonly read: () => Promise<Paused | undefined>;
  readonly triggers: Pick<Triggers, 'request'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted: looks no more by itself. */
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks: a person who resumes waits no longer than that. */
const EVERY = 2_000;

/**
 * Sees a person pause gates and let it go on, and asks for a run each time: the one that says how things stand, the other
 * that takes up what waited. Whoever does it needs to reach nothing but the state directory. Answers with a look for
 * those who must not wait for the next one: what it sees is news as well, so that no pause is too short to be ended.
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
