const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds of `90s`, `10m`, `24h` or `7d`; the schema has checked the form. */
export function secondsOf(duration: string): number {
  const unit = duration.at(-1);
  const factor = unit === 'm' || unit === 'h' || unit === 'd' ? SECONDS[unit] : SECONDS.s;
  return Number.parseInt(duration, 10) * factor;
}
