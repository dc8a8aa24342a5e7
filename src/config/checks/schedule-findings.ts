import type { GatesFile } from '../../../schema/generated/config.ts';
import { everComes, parseCron } from '../../core/cron.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import type { PartOf } from '../model/partial-file.ts';

/** Finds schedules whose fields have the right shape, but which never come. */
export function scheduleFindings({ reconcile = {}, cloudflare = {} }: PartOf<GatesFile>): Finding[] {
  const { schedule, probe, windows = [] } = reconcile;
  const sync = cloudflare.apiShield?.sync;
  return [
    ...findingsOn(schedule, ['reconcile', 'schedule'], 'no run would ever be made'),
    ...findingsOn(probe, ['reconcile', 'probe'], 'no gate would ever be looked at'),
    ...findingsOn(sync, ['cloudflare', 'apiShield', 'sync'], 'no key would ever be read'),
    ...windows.flatMap((window, index) =>
      findingsOn(window?.schedule, ['reconcile', 'windows', index, 'schedule'], 'the window never opens'),
    ),
  ];
}

function findingsOn(cron: string | undefined, path: Path, consequence: string): Finding[] {
  if (cron === undefined) return [];
  const times = parseCron(cron);
  if (times === undefined) {
    const message = `${quoted(cron)} steps through a single number`;
    const hint = 'write a range before the slash: `0-59/10`, or `*/10`';
    return [{ severity: 'error', rule: 'wrong-value', path, message, hint }];
  }
  if (everComes(times)) return [];
  const message = `${quoted(cron)} is on a day that no year has: ${consequence}`;
  const hint = 'look at the day of the month and the month';
  return [{ severity: 'error', rule: 'schedule', path, message, hint }];
}
