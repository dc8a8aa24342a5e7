import type { Log } from '../log/log.ts';
import type { StatusFile } from './status-file.ts';

/** A log for what happens in a run, or behind one, without being handed its log: each line names the run. */
export function logOfRun(log: Log, status: Pick<StatusFile, 'current'>): Log {
  const line = () => {
    const { running, lastRun } = status.current();
    const run = running?.id ?? lastRun?.id;
    return run === undefined ? log : log.with({ run });
  };
  return {
    debug: (message, fields) => line().debug(message, fields),
    info: (message, fields) => line().info(message, fields),
    warn: (message, fields) => line().warn(message, fields),
    error: (message, fields) => line().error(message, fields),
    with: (fields) => logOfRun(log.with(fields), status),
  };
}
