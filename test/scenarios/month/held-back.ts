import type { HistoryRun } from '../../../src/core/record/history.ts';
import type { Heard } from './receiver.ts';

/** A reported subject, and the interval in which it was found, in milliseconds since 1970. */
export interface ReportedItem {
  readonly notice: Heard;
  readonly from: number;
  readonly until: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** The time between the end of a run and its notice, in milliseconds. */
const NEAR = 3_000;
/** The notices in an hour, by the manual: four of the twelve are for alarms. */
const MOST = { ordinary: 8, alarm: 12 };

const MANY = /^(\d+) more since \S+ \S+ UTC$/;
const LINE = /^(\S+) (\S+) UTC: (.+)$/;
const ONE = /^Held back since (\S+) (\S+) UTC: /;
const SEVERAL_GOOD = /^(Good again: \d+ things): (.+)$/;

/** The reports of a notice. In a notice of held-back ones, each line is one report. */
export function unfolded(notice: Heard): readonly ReportedItem[] {
  const [, day, time] = ONE.exec(notice.more ?? '') ?? [];
  if (day !== undefined) return [{ notice, ...within(day, time, notice) }];
  const at = Date.parse(notice.at);
  if (!MANY.test(notice.title)) return [{ notice, from: at, until: at }];
  return notice.details.flatMap((detail) => {
    const [, on, clock, said = ''] = LINE.exec(detail) ?? [];
    if (on === undefined) return [];
    const [, several, things = ''] = SEVERAL_GOOD.exec(said) ?? [];
    const details = several === undefined ? [] : things.split(', ');
    const tone = said.startsWith('Good again: ') ? ('good' as const) : ('trouble' as const);
    return [{ notice: { ...notice, tone, title: several ?? said, details }, ...within(on, clock, notice) }];
  });
}

/** Notices state the minute, which is never before the finding. */
function within(day: string, time: string | undefined, { at }: Heard): Pick<ReportedItem, 'from' | 'until'> {
  const from = Date.parse(`${day}T${time}:00.000Z`);
  return { from, until: Math.min(from + MINUTE, Date.parse(at)) - 1 };
}

/**
 * The rule of the manual, and nothing more: at most so many in an hour; held back only after so many; reported
 * completely after the first run with room. `isUnsure`: around a kill.
 */
export function judgeHeldBack(
  notices: readonly Heard[],
  runs: readonly HistoryRun[],
  isUnsure: (at: number) => boolean,
): readonly string[] {
  const made = notices.map(({ at }) => Date.parse(at));
  /** The notices in the hour that ends then. */
  const before = (at: number) => made.filter((time) => time > at - HOUR && time <= at).length;
  return notices.flatMap((notice): readonly string[] => {
    const at = Date.parse(notice.at);
    const findings: string[] = [];
    const most = notice.tone === 'alarm' ? MOST.alarm : MOST.ordinary;
    // Notices of one run share a time; the last of them may be the one that exceeds the limit.
    const others = notices.filter((other) => other.at === notice.at && other.tone === 'alarm').length;
    if (before(at) > most + (notice.tone === 'alarm' ? 0 : others))
      findings.push(`more than ${most} in an hour: ${notice.title} at ${notice.at}`);
    const [, count] = MANY.exec(notice.title) ?? [];
    const isHeldBack = count !== undefined || ONE.test(notice.more ?? '');
    if (!isHeldBack) return findings;
    const held = unfolded(notice);
    if (count !== undefined && held.length !== Number(count))
      findings.push(`held back ${count}, and tells ${held.length}: ${notice.title}`);
    const [first] = held;
    if (first === undefined) return findings;
    if (before(first.until + NEAR) < MOST.ordinary)
      findings.push(`held back, and the hour had room: ${first.notice.title} at ${notice.at}`);
    const roomy = runs.find((run) => {
      const end = Date.parse(run.finishedAt);
      return end > first.until && end < at - NEAR && before(end) < MOST.ordinary && !isUnsure(end);
    });
    if (roomy !== undefined)
      findings.push(`held back for longer than run ${roomy.id}: ${first.notice.title} at ${notice.at}`);
    return findings;
  });
}
