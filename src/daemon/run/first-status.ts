import { hostname } from 'node:os';
import type { Clock } from '../../core/world.ts';
import type { Status } from '../../report/status/status.ts';
import type { LastGood } from './last-good.ts';
import { appliedRevisionOf } from './run-ending.ts';

export interface StatusStart {
  /** The version of gates. */
  readonly version: string;
  readonly repository: Status['repository'];
  readonly good: LastGood | undefined;
  /** The status that the previous process left. */
  readonly before: Partial<Status> | undefined;
}

/** The status of a daemon that starts. */
export function firstStatus({ version, repository, good, before }: StatusStart, clock: Clock): Status {
  const now = clock.now().toISOString();
  return {
    version,
    pid: process.pid,
    host: hostname(),
    since: now,
    updatedAt: now,
    phase: 'starting',
    repository,
    ...(good === undefined ? {} : { inForce: appliedRevisionOf(good) }),
    ...outliving(before),
  };
}

/**
 * The parts of the status that outlive the process: since when a gate is in its state or a revision waits, expirations,
 * and when everything was last in order.
 */
function outliving(before: Partial<Status> = {}): Partial<Status> {
  const { gates, expiring, rotations, succeededAt, upcoming } = before;
  return {
    ...(upcoming !== undefined && { upcoming }),
    ...(gates !== undefined && { gates }),
    ...(expiring !== undefined && { expiring }),
    ...(rotations !== undefined && { rotations }),
    ...(succeededAt !== undefined && { succeededAt }),
  };
}
