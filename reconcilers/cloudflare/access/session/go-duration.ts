const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of a Go duration, `24h`, `1h30m`; undefined for any other text, also `forever`. Go has no unit for days.
 */
export function readGoDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMilliseconds[unit ?? ''] ?? 0),
    0,
  );
}

/** True if two durations are equal, like `24h` and `24h0m0s`; any other text is compared literally. */
export function sameDuration(left: string | undefined, right: string | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  const milliseconds = readGoDuration(left);
  return milliseconds !== undefined && milliseconds === readGoDuration(right);
}

/** False only if the first surely lasts as long as the second: a text that is not a duration counts as shorter. */
export function shorter(left: string, right: string | undefined): boolean {
  if (sameDuration(left, right)) return false;
  const [before, after] = [right, left].map((text) =>
    text === undefined ? undefined : readGoDuration(text),
  );
  return before === undefined || after === undefined || after < before;
}
