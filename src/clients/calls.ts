import type { CallCounts } from '../core/history.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Counts the requests of one pass, each attempt by itself. */
export interface CallCounter {
  /** The same fetch, counted. */
  around(system: keyof CallCounts, fetch?: Fetch): Fetch;
  counts(): CallCounts;
}

export function createCallCounter(): CallCounter {
  const counts = { cloudflare: { reads: 0, writes: 0 }, authentik: { reads: 0, writes: 0 } };
  return {
    around(system, fetch = globalThis.fetch) {
      return (input, init) => {
        const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
        counts[system][/^(get|head)$/i.test(method) ? 'reads' : 'writes'] += 1;
        return fetch(input, init);
      };
    },
    counts: () => structuredClone(counts),
  };
}
