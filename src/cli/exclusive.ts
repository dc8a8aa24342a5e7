import path from 'node:path';
import { systemClock } from '../clients/state/clock.ts';
import { acquireLease } from '../daemon/lease.ts';
import { stopSignal } from '../daemon/process-signals.ts';
import { tell } from './terminal.ts';

/** Milliseconds that a live holder of the lease is waited for. */
const patience = 30_000;

/**
 * Does something while this process alone may write: under the lease of the state directory, with a signal that
 * is aborted when a person stops it or the lease is lost.
 * @throws UnreachableError when another process holds the lease and does not let go of it in time.
 */
export async function exclusively<T>(
  stateDir: string,
  command: string,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = stopSignal();
  const lease = await acquireLease({
    directory: path.join(stateDir, 'lease'),
    command,
    clock: systemClock,
    wait: patience,
    signal: stop,
    onWait: (holder) => tell(`waiting for ${holder}`),
  });
  try {
    return await act(AbortSignal.any([stop, lease.lost]));
  } finally {
    await lease.release();
  }
}
