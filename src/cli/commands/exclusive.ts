import { systemClock } from '../../clients/state/clock.ts';
import { acquireLease, type LeaseOptions, leaseDirectory } from '../../daemon/lease/lease.ts';
import { type Turn, turnOf } from '../../daemon/lease/lease-turn.ts';
import { stopSignal } from '../../daemon/lease/process-signals.ts';
import { tell } from '../surroundings/terminal.ts';
import { tellOfPause } from './pause.ts';

/** Milliseconds to wait for a process that has the turn. */
const patience = 30_000;

/** The clocks by which a process waits for a turn and keeps it. */
export type TurnClocks = Pick<LeaseOptions, 'clock' | 'elapsed'>;

/**
 * Runs `act` while only this process may write: in a turn between the runs of a daemon. Its signal is aborted when a
 * person stops it or when the turn is lost. A pause only concerns the daemon.
 * @throws UnreachableError if another process has the turn and does not end it in time.
 */
export async function exclusively<T>(
  stateDir: string,
  command: string,
  act: (turn: Turn) => Promise<T>,
  clocks: TurnClocks = { clock: systemClock },
): Promise<T> {
  const stop = stopSignal();
  const lease = await acquireLease({
    directory: leaseDirectory(stateDir, 'pass'),
    command,
    ...clocks,
    wait: patience,
    signal: stop,
    onWait: (holder) => tell(`waiting for ${holder}`),
  });
  try {
    await tellOfPause(stateDir);
    return await act(turnOf([lease], stop));
  } finally {
    await lease.release();
  }
}
