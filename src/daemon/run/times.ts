import type { Log } from '../log/log.ts';
import type { StatusFile } from '../status/status-file.ts';
import { createJitter, type JitterOptions } from '../triggers/jitter.ts';
import { cronSchedule, type Schedule } from '../triggers/schedule.ts';
import type { Triggers } from '../triggers/triggers.ts';
import { createWindowWatch } from '../triggers/window-watch.ts';
import type { LoopSettings } from './verdicts.ts';

/** The times of the file at which the daemon acts on its own. */
export interface Times {
  follow(wanted: LoopSettings): void;
  nextRun(): Date | undefined;
  stop(): void;
}

export interface TimesParts extends JitterOptions {
  readonly triggers: Pick<Triggers, 'request'>;
  readonly status: StatusFile;
  readonly log: Log;
  /** Default: cron. */
  readonly schedule?: (onTick: () => void) => Schedule;
}

export function createTimes({ triggers, status, log, schedule = cronSchedule, ...ahead }: TimesParts): Times {
  const jitter = createJitter(ahead);
  const later = (type: 'schedule' | 'probe' | 'keys') =>
    schedule(jitter.before(() => triggers.request({ type })));
  const [runs, probes, keys] = [later('schedule'), later('probe'), later('keys')];
  const windows = createWindowWatch(() => triggers.request({ type: 'window' }), ahead);
  return {
    follow(wanted) {
      followSchedule(runs, wanted, status, log);
      followWatch(probes, wanted, log);
      followKeys(keys, wanted, log);
      windows.set(wanted.windows, wanted.timezone);
      jitter.set(wanted.jitter);
    },
    nextRun: () => runs.next(),
    stop() {
      for (const each of [runs, probes, keys]) each.stop();
    },
  };
}

/** Adopts the schedule of runs from the file. If the schedule is not understood, the previous one continues. */
function followSchedule(schedule: Schedule, wanted: LoopSettings, status: StatusFile, log: Log): void {
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

/** Adopts the schedule of runs for the keys of issuers. Without a gate that needs them, there are none. */
function followKeys(keys: Schedule, { sync, timezone }: LoopSettings, log: Log): void {
  try {
    if (sync === undefined) keys.stop();
    else keys.set(sync, timezone);
  } catch (error) {
    log.error('schedule of keys not followed', { error });
  }
}

/** Adopts the schedule of checks of every gate. The file may have none. */
function followWatch(watch: Schedule, { probe, timezone }: LoopSettings, log: Log): void {
  try {
    if (probe === undefined) watch.stop();
    else watch.set(probe, timezone);
  } catch (error) {
    log.error('schedule of probes not followed', { error });
  }
}
