import type { Log } from '../log/log.ts';
import type { StatusFile } from '../status/status-file.ts';
import type { Schedule } from '../triggers/schedule.ts';
import type { LoopSettings } from './verdicts.ts';

/** The schedule of runs, from now on that of the file; in force it stays where the file's is not understood. */
export function followSchedule(schedule: Schedule, wanted: LoopSettings, status: StatusFile, log: Log): void {
  try {
    schedule.set(wanted.schedule, wanted.timezone);
  } catch (error) {
    log.error('schedule not followed', { error });
    return;
  }
  const next = schedule.next()?.toISOString();
  const { schedule: cron, timezone, jitter } = wanted;
  status.change({
    schedule: { cron, timezone, ...(next !== undefined && { next }), ...(jitter > 0 && { jitter }) },
  });
}

/** The schedule of runs that are made for the keys of issuers, where the file has a gate that needs them. */
export function followKeys(keys: Schedule, { sync, timezone }: LoopSettings, log: Log): void {
  try {
    if (sync === undefined) keys.stop();
    else keys.set(sync, timezone);
  } catch (error) {
    log.error('schedule of keys not followed', { error });
  }
}

/** The schedule by which every gate is looked at, where the file has one. */
export function followWatch(watch: Schedule, { probe, timezone }: LoopSettings, log: Log): void {
  try {
    if (probe === undefined) watch.stop();
    else watch.set(probe, timezone);
  } catch (error) {
    log.error('schedule of probes not followed', { error });
  }
}
