/**
 * The times that a cron expression names, in local time. Day of the month and day of the week must both match, as in
 * node-cron, which starts the scheduled runs.
 */
export interface CronTimes {
  /** Sorted and unique, like all of these. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Days of the month, 1 to 31. */
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
}

interface Field {
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** February has 29 in some years. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const fields: readonly Field[] = [
  { first: 0, last: 59 },
  { first: 0, last: 23 },
  { first: 1, last: 31 },
  { first: 1, last: 12, names: MONTHS },
  { first: 0, last: 6, names: WEEKDAYS },
];

/**
 * Reads five fields: `*`, numbers, names in lower case, `a-b` (also past the end: `22-2`), `/step` after `*` or a
 * range, and lists of these. Undefined for anything else.
 */
export function parseCron(text: string): CronTimes | undefined {
  const parts = text.split(' ');
  const [minutes, hours, days, months, weekdays] = fields.map((field, index) =>
    valuesOf(parts[index] ?? '', field),
  );
  if (parts.length !== fields.length) return undefined;
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  return { minutes, hours, days, months, weekdays };
}

/** True if any year has a day on which these times come. */
export function everComes({ days, months }: CronTimes): boolean {
  return months.some((month) => days.some((day) => day <= (LONGEST[month - 1] ?? 0)));
}

function valuesOf(text: string, field: Field): readonly number[] | undefined {
  const found = text.split(',').map((part) => rangeOf(part, field));
  if (found.some((values) => values === undefined)) return undefined;
  const values = found.flatMap((some) => some ?? []);
  return [...new Set(values)].sort((left, right) => left - right);
}

function rangeOf(text: string, field: Field): readonly number[] | undefined {
  const [, from = '', to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(text) ?? [];
  if (from === '*') return to === undefined ? every(field.first, field.last, step) : undefined;
  const first = numberOf(from, field);
  if (first === undefined) return undefined;
  // A step needs something to step through.
  if (to === undefined && step !== undefined) return undefined;
  const last = numberOf(to ?? from, field);
  if (last === undefined) return undefined;
  const size = field.last - field.first + 1;
  const end = last < first ? last + size : last;
  return every(first, end, step)?.map((value) => field.first + ((value - field.first) % size));
}

function every(first: number, last: number, step = '1'): readonly number[] | undefined {
  const by = Number(step);
  if (by < 1) return undefined;
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
}

function numberOf(text: string, { first, last, names = [] }: Field): number | undefined {
  const named = names.indexOf(text);
  if (named !== -1) return named + first;
  // Sunday has two numbers.
  const highest = names === WEEKDAYS ? 7 : last;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= first && value <= highest ? value : undefined;
}
