import { systemClock } from '../../clients/state/clock.ts';
import { acquireLease, type LeaseOptions, leaseDirectory } from '../../daemon/lease/lease.ts';
import { type Turn, turnOf } from '../../daemon/lease/lease-turn.ts';
import { stopSignal } from '../../daemon/lease/process-signals.ts';
import { tell } from '../surroundings/terminal.ts';
import { tellOfPause } from './pause.ts';

/** Milliseconds that whoever has the turn is waited for. */
const patience = 30_000;

/** By which clocks a turn is waited for and kept. */
export type TurnClocks = Pick<LeaseOptions, 'clock' | 'elapsed'>;

/**
 * Does something while this process alone may write: in a turn between the runs of a daemon, whose signal is
 * aborted when a person stops it or the turn is lost. A pause is for the daemon, and does not keep a person from it.
 * @throws UnreachableError when another process has the turn and does not end it in time.
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
