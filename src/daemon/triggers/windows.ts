import { type CronTimes, parseCron } from '../../core/cron.ts';

/** A span of time that starts at each time of its schedule. */
export interface Window {
  /** Cron, five fields; an invalid one never opens. */
  readonly schedule: string;
  /** Seconds of real time, whatever clocks show. */
  readonly duration: number;
}

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Days after which the calendar repeats. */
const CYCLE = 146_097;

/** True if one of the windows is open at that instant; `timezone` is an IANA name. Always true without windows. */
export function isOpen(windows: readonly Window[], timezone: string, at: Date): boolean {
  if (windows.length === 0) return true;
  return windows.some(({ schedule, duration }) => {
    const begun = startBefore(schedule, timezone, at.getTime());
    return begun !== undefined && at.getTime() < begun + duration * 1000;
  });
}

/** The first later instant at which a window opens; undefined if none ever does. */
export function nextOpening(windows: readonly Window[], timezone: string, after: Date): Date | undefined {
  const starts = windows.flatMap(({ schedule }) => startAfter(schedule, timezone, after.getTime()) ?? []);
  return starts.length === 0 ? undefined : new Date(Math.min(...starts));
}

/** The last start that is not after `at`. */
function startBefore(schedule: string, timezone: string, at: number): number | undefined {
  const times = parseCron(schedule);
  if (times === undefined) return undefined;
  const today = dayOf(at + offsetAt(timezone, at));
  // If clocks are set back over midnight, the next day may already have begun earlier.
  for (let day = today + 1; day > today - CYCLE; day -= 1) {
    if (!isNamed(times, day)) continue;
    const found = startsOn(times, day, timezone).findLast((start) => start <= at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function startAfter(schedule: string, timezone: string, after: number): number | undefined {
  const times = parseCron(schedule);
  if (times === undefined) return undefined;
  const today = dayOf(after + offsetAt(timezone, after));
  for (let day = today - 1; day < today + CYCLE; day += 1) {
    if (!isNamed(times, day)) continue;
    const found = startsOn(times, day, timezone).find((start) => start > after);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Days since 1970, of a local time. */
function dayOf(wall: number): number {
  return Math.floor(wall / DAY);
}

function isNamed({ days, months, weekdays }: CronTimes, day: number): boolean {
  const date = new Date(day * DAY);
  return (
    months.includes(date.getUTCMonth() + 1) &&
    days.includes(date.getUTCDate()) &&
    weekdays.includes(date.getUTCDay())
  );
}

/**
 * Every start of a day, in order. A time that clocks skip starts at the jump; a time that they show twice starts the
 * first time. A schedule of every hour follows real time instead: it starts in both of the repeated hours, and not
 * again at a jump.
 */
function startsOn({ minutes, hours }: CronTimes, day: number, timezone: string): readonly number[] {
  const change = changeAround(day, timezone);
  const hourly = hours.length === 24;
  const starts = hours.flatMap((hour) =>
    minutes.flatMap((minute) => {
      const wall = day * DAY + (hour * 60 + minute) * MINUTE;
      const instants = instantsOf(wall, change);
      if (instants.length === 0) return hourly ? [] : [change.at];
      return hourly ? instants : instants.slice(0, 1);
    }),
  );
  return starts.sort((left, right) => left - right);
}

/** The offsets of a zone from UTC around one of its days, and the instant at which the offset changes. */
interface Change {
  readonly before: number;
  readonly after: number;
  readonly at: number;
}

/** The instants at which clocks show a time: usually one, two in a repeated hour, none in a skipped one. */
function instantsOf(wall: number, { before, after, at }: Change): readonly number[] {
  if (before === after) return [wall - before];
  return [...(wall - before < at ? [wall - before] : []), ...(wall - after >= at ? [wall - after] : [])];
}

function changeAround(day: number, timezone: string): Change {
  let low = (day - 1) * DAY;
  let high = (day + 2) * DAY;
  const before = offsetAt(timezone, low);
  const after = offsetAt(timezone, high);
  while (before !== after && high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
    if (offsetAt(timezone, middle) === before) low = middle;
    else high = middle;
  }
  return { before, after, at: high };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which clocks of the zone are ahead of UTC. @throws RangeError for an unknown zone. */
function offsetAt(timezone: string, instant: number): number {
  const format = formats.get(timezone) ?? formatOf(timezone);
  formats.set(timezone, format);
  const parts = format.formatToParts(instant);
  const value = (name: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find(({ type }) => type === name)?.value);
  const [year, month, date] = [value('year'), value('month'), value('day')];
  const shown = Date.UTC(year, month - 1, date, value('hour'), value('minute'), value('second'));
  return shown - Math.floor(instant / 1000) * 1000;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
