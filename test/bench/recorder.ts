/** The start and end of a call, in milliseconds of `performance.now()`. */
export interface Recorded {
  readonly started: number;
  readonly ended: number;
}

/** A fetch that records when each call began and ended. */
export function recordingFetch(): { readonly calls: Recorded[]; readonly fetch: typeof globalThis.fetch } {
  const calls: Recorded[] = [];
  return {
    calls,
    fetch: async (input, init) => {
      const started = performance.now();
      try {
        return await fetch(input, init);
      } finally {
        calls.push({ started, ended: performance.now() });
      }
    },
  };
}

/** The length of the longest chain of calls, each of which began after the one before it had ended. */
export function longestChain(calls: readonly Recorded[]): number {
  const byEnd = [...calls].sort((left, right) => left.ended - right.ended);
  const depth = new Map<Recorded, number>();
  for (const call of byEnd) {
    const before = byEnd.filter((other) => other.ended <= call.started).map((other) => depth.get(other) ?? 0);
    depth.set(call, 1 + Math.max(0, ...before));
  }
  return Math.max(0, ...depth.values());
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
