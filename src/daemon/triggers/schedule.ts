import { createTask, type ScheduledTask } from 'node-cron';
import { ConfigError } from '../../core/errors.ts';

/** When runs are made without anybody asking. */
export interface Schedule {
  /**
   * Follows this cron expression (five fields) in this IANA time zone from now on; the same again changes
   * nothing. Throws ConfigError, and goes on as before, when one of them is not understood.
   */
  set(cron: string, timezone: string): void;
  next(): Date | undefined;
  stop(): void;
}

/** Ticks by node-cron. A tick that comes during a run is one more request, so overlaps are not its affair. */
export function cronSchedule(onTick: () => void): Schedule {
  let task: ScheduledTask | undefined;
  let followed = '';
  return {
    set(cron, timezone) {
      const wanted = `${cron} ${timezone}`;
      if (wanted === followed) return;
      let fresh: ScheduledTask;
      try {
        // node-cron finds out about a time zone only when the task is running, and cannot end it then.
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
