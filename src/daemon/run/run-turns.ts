import { randomUUID } from 'node:crypto';
import { describeError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import type { LastRun } from '../../report/status/status.ts';
import { acquireLease, DAEMON, type Lease, leaseDirectory } from '../lease/lease.ts';
import { turnOf } from '../lease/lease-turn.ts';
import type { Log } from '../log/log.ts';
import type { StatusFile } from '../status/status-file.ts';
import { type Cause, describeCause } from '../triggers/triggers.ts';
import type { DaemonRun } from './daemon-run.ts';
import type { RunResult } from './run-ending.ts';

export interface RunTurnsOptions {
  readonly stateDir: string;
  /** The lease of the daemon, for its complete life. */
  readonly lease: Lease;
  readonly status: Pick<StatusFile, 'change'>;
  readonly clock: Clock;
  readonly elapsed?: () => number;
  readonly log: Log;
  /** Aborted: start no more turns. */
  readonly stop: AbortSignal;
}

/**
 * Makes each run in its own turn, so that people's commands get theirs between two runs. The writes of a run depend on
 * both leases: a process that takes the daemon's lease thereby ends its turn too.
 */
export function runsInTurns(
  run: DaemonRun,
  options: RunTurnsOptions,
): (causes: readonly Cause[]) => Promise<RunResult> {
  const { lease, status, clock, elapsed, log, stop } = options;

  async function takeTurn(): Promise<Lease> {
    const taken = await acquireLease({
      directory: leaseDirectory(options.stateDir, 'pass'),
      command: DAEMON,
      clock,
      ...(elapsed && { elapsed }),
      wait: Number.POSITIVE_INFINITY,
      signal: stop,
      deposed: lease.predecessor,
      onWait: (holder) => {
        log.info('waiting for a turn', { holder });
        status.change({ waitingFor: holder });
      },
    });
    status.change({ waitingFor: undefined });
    return taken;
  }

  return async (causes) => {
    const startedAt = clock.now().toISOString();
    let turn: Lease;
    try {
      turn = await takeTurn();
    } catch (error) {
      if (stop.aborted) return { retryAfter: undefined };
      log.error('turn not taken', { error });
      const finishedAt = clock.now().toISOString();
      status.change({ lastRun: failedRun({ causes, startedAt, finishedAt }, error) });
      return { retryAfter: 0 };
    }
    try {
      return await run(causes, turnOf([lease, turn], stop));
    } finally {
      await turn.release();
    }
  };
}

function failedRun(
  { causes, ...times }: Pick<LastRun, 'startedAt' | 'finishedAt'> & { readonly causes: readonly Cause[] },
  error: unknown,
): LastRun {
  return {
    id: randomUUID().slice(0, 8),
    triggers: causes.map(describeCause),
    ...times,
    result: 'error',
    error: describeError(error),
    counts: {},
    problems: [],
    warnings: [],
  };
}
