const UNIT_MS: { readonly [unit: string]: number } = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration such as `24h` or `1h30m` (Go has no days); null for any other text. */
export function goDurationMs(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return total;
}

/** "Immediate timeout to one month": the session durations that the dashboard offers. */
const LONGEST_SESSION_MS = 730 * 3_600_000;

/** True if an Access session may have this duration. */
export function isSessionDuration(text: string): boolean {
  const duration = goDurationMs(text);
  return duration !== null && duration <= LONGEST_SESSION_MS;
}
