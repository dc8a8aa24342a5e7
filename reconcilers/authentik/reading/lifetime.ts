/** Seconds of each unit that Authentik knows in `hours=1;minutes=30`. */
const units: Readonly<Record<string, number>> = {
  microseconds: 1e-6,
  milliseconds: 1e-3,
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  weeks: 604_800,
};

/** Seconds of a lifetime as Authentik writes it. Unknown units count as 0, as in Authentik. */
export function readLifetime(text: string): number {
  return text.split(';').reduce((seconds, part) => {
    const [unit = '', value = '0'] = part.split('=');
    return seconds + (units[unit.trim().toLowerCase()] ?? 0) * Number(value);
  }, 0);
}

export function writeLifetime(seconds: number): string {
  return `seconds=${seconds}`;
}
