const UNIT_MS: { readonly [key: string]: number } = {
  microseconds: 0.001,
  milliseconds: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** True if a value is a duration, `hours=3;minutes=1`; unknown keys are ignored, values are decimal (facts §1.2). */
export function isDuration(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return value.split(';').every((part) => {
    const [key = '', amount, ...more] = part.split('=');
    if (amount === undefined || more.length > 0) return false;
    return UNIT_MS[key.toLowerCase()] === undefined || /^\s*-?\d+(\.\d+)?\s*$/.test(amount);
  });
}

/** Milliseconds of a duration that `isDuration` accepts. */
export function durationMs(duration: string): number {
  return duration.split(';').reduce((total, part) => {
    const [key = '', amount = '0'] = part.split('=');
    return total + (UNIT_MS[key.toLowerCase()] ?? 0) * Number(amount);
  }, 0);
}
