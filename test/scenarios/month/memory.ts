/** The memory of one process, in bytes, from its first sample to its last. */
export interface MemoryJudged {
  readonly samples: number;
  readonly first: number;
  readonly median: number;
  readonly last: number;
  /** The growth in bytes a day, by least squares. */
  readonly slope: number;
  /** The median of the last quarter divided by that of the second. */
  readonly growth: number;
}

/** The largest allowed ratio; a leak that shows within a month exceeds it. */
export const MOST_GROWTH = 1.25;

export function judgeMemory(
  samples: readonly { readonly day: number; readonly rss: number }[],
): MemoryJudged {
  const sizes = samples.map(({ rss }) => rss);
  const quarter = Math.ceil(sizes.length / 4);
  const [day, rss] = [mean(samples.map((sample) => sample.day)), mean(sizes)];
  const spread = samples.reduce((sum, sample) => sum + (sample.day - day) ** 2, 0);
  const common = samples.reduce((sum, sample) => sum + (sample.day - day) * (sample.rss - rss), 0);
  return {
    samples: sizes.length,
    first: sizes[0] ?? Number.NaN,
    median: median(sizes),
    last: sizes.at(-1) ?? Number.NaN,
    slope: spread === 0 ? 0 : common / spread,
    growth: median(sizes.slice(-quarter)) / median(sizes.slice(quarter, 2 * quarter)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
