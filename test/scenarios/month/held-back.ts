import type { HistoryRun } from '../../../src/core/record/history.ts';
import type { Heard } from './receiver.ts';

/** Something that was told, and within which milliseconds since 1970 it was found. */
export interface Told {
  readonly notice: Heard;
  readonly from: number;
  readonly until: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Milliseconds between the end of a run and the notice of it. */
const NEAR = 3_000;
/** Notices in an hour, as the manual has it: four of the twelve are for alarms. */
const MOST = { ordinary: 8, alarm: 12 };

const MANY = /^(\d+) more since \S+ \S+ UTC$/;
const LINE = /^(\S+) (\S+) UTC: (.+)$/;
const ONE = /^Held back since (\S+) (\S+) UTC: /;
const SEVERAL_GOOD = /^(Good again: \d+ things): (.+)$/;

/** What a notice tells, one by one: in a notice of what was held back, each line is what a notice would have been. */
export function unfolded(notice: Heard): readonly Told[] {
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

/** Notices tell the minute, and nothing before it was found. */
function within(day: string, time: string | undefined, { at }: Heard): Pick<Told, 'from' | 'until'> {
  const from = Date.parse(`${day}T${time}:00.000Z`);
  return { from, until: Math.min(from + MINUTE, Date.parse(at)) - 1 };
}

/**
 * The rule of the manual, and nothing more: at most so many in an hour; held back only where there were so many; told
 * after the first run for which there is room again, and all of it. `isUnsure`: around a kill.
 */
export function judgeHeldBack(
  notices: readonly Heard[],
  runs: readonly HistoryRun[],
  isUnsure: (at: number) => boolean,
): readonly string[] {
  const made = notices.map(({ at }) => Date.parse(at));
  /** Notices of the hour that ends then. */
  const before = (at: number) => made.filter((time) => time > at - HOUR && time <= at).length;
  return notices.flatMap((notice): readonly string[] => {
    const at = Date.parse(notice.at);
    const findings: string[] = [];
    const most = notice.tone === 'alarm' ? MOST.alarm : MOST.ordinary;
    // Those of one run have one time: the last of them is the one that may be too many.
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
