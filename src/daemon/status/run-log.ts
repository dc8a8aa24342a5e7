import type { Log } from '../log/log.ts';
import type { StatusFile } from './status-file.ts';

/** A log that adds the current run to each line, for code that does not get the run's own log. */
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
