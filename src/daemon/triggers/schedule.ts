import { createTask, type ScheduledTask } from 'node-cron';
import { ConfigError } from '../../core/errors.ts';

/** A schedule of runs. */
export interface Schedule {
  /**
   * Follows this cron expression (five fields) in this IANA time zone from now on; an equal one changes nothing. Throws
   * ConfigError, and keeps the previous schedule, if it does not understand one of them.
   */
  set(cron: string, timezone: string): void;
  next(): Date | undefined;
  stop(): void;
}

/** A schedule by node-cron. A tick during a run is just another request, so overlaps need no care. */
export function cronSchedule(onTick: () => void): Schedule {
  let task: ScheduledTask | undefined;
  let followed = '';
  return {
    set(cron, timezone) {
      const wanted = `${cron} ${timezone}`;
      if (wanted === followed) return;
      let fresh: ScheduledTask;
      try {
        // node-cron checks a time zone only when the task is running, and cannot end it then.
        new Intl.DateTimeFormat('en', { timeZone: timezone });
        fresh = createTask(cron, onTick, { timezone, suppressMissedWarning: true });
      } catch (cause) {
        throw new ConfigError('The schedule is not understood', {
          hint: 'reconcile.schedule takes five cron fields, reconcile.timezone a name such as Europe/Paris',
          facts: { detail: wanted },
          cause,
        });
      }
      void task?.destroy();
      void fresh.start();
      task = fresh;
      followed = wanted;
    },
    next: () => task?.getNextRun() ?? undefined,
    stop() {
      void task?.destroy();
      task = undefined;
      followed = '';
    },
  };
}
