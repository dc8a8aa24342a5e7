import type { Clock } from '../../core/world.ts';
import type { Log } from '../log/log.ts';
import { acquireLease, DAEMON, describeHolder, type Lease, leaseDirectory } from './lease.ts';

export interface StandbyOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly elapsed?: () => number;
  readonly log: Log;
  /** Aborted: stop. */
  readonly signal: AbortSignal;
}

/**
 * Waits until no other daemon has the lease, serves while this one has it, and waits again after another daemon took
 * it; until the signal is aborted. If `serve` returns false, a step was still in progress at its end: the process then
 * keeps the lease until it ends.
 *
 * Throws UnsafeError if the lease was lost and the current step did not end in time.
 */
export async function serveInTurns(
  { stateDir, clock, elapsed, log, signal }: StandbyOptions,
  serve: (lease: Lease) => Promise<boolean>,
): Promise<void> {
  while (!signal.aborted) {
    const lease = await acquireLease({
      directory: leaseDirectory(stateDir, 'daemon'),
      command: DAEMON,
      clock,
      ...(elapsed && { elapsed }),
      wait: Number.POSITIVE_INFINITY,
      signal,
      onWait: (holder) => log.info('waiting for the lease', { holder }),
    }).catch((error) => {
      // The process was stopped before its turn: it has nothing to finish.
      if (signal.aborted) return undefined;
      throw error;
    });
    if (lease === undefined) return;
    const { number, predecessor } = lease;
    const from = predecessor === undefined ? {} : { from: describeHolder(predecessor) };
    log.info('lease taken', { number, ...from });
    let finished = true;
    try {
      finished = await serve(lease);
    } finally {
      if (finished) await lease.release();
    }
    if (!lease.lost.aborted) return;
    log.error('lease lost', { error: lease.lost.reason });
    if (!finished) throw lease.lost.reason;
  }
}
