type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The offsets of other clocks from this machine's, by the `Date` of their answers. */
export interface ClockOffsets {
  /** The same fetch, observed. */
  around(name: string, fetch?: Fetch): Fetch;
  /** Milliseconds, by the last answer; undefined before the first. */
  ahead(name: string): number | undefined;
}

/** `Date` has whole seconds: on average, the answer was given half a second later. */
const half = 500;

export function createClockOffsets(now: () => number = Date.now): ClockOffsets {
  const offsets = new Map<string, number>();
  return {
    around(name, fetch = globalThis.fetch) {
      return async (input, init) => {
        const response = await fetch(input, init);
        const date = Date.parse(response.headers.get('date') ?? '');
        if (!Number.isNaN(date)) offsets.set(name, date + half - now());
        return response;
      };
    },
    ahead: (name) => offsets.get(name),
  };
}
