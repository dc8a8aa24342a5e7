import type { CallCounts } from '../../core/record/history.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Observes every request of all runs. */
export interface CallMeter {
  /** `status`: of the answer; undefined if none came. */
  called(system: keyof CallCounts, status: number | undefined): void;
}

/** Counts the requests of one run, each attempt separately. */
export interface CallCounter {
  /** The same fetch, counted. */
  around(system: keyof CallCounts, fetch?: Fetch): Fetch;
  counts(): CallCounts;
}

export function createCallCounter(meter?: CallMeter): CallCounter {
  const counts = { cloudflare: { reads: 0, writes: 0 }, authentik: { reads: 0, writes: 0 } };
  return {
    around(system, fetch = globalThis.fetch) {
      return async (input, init) => {
        const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
        counts[system][/^(get|head)$/i.test(method) ? 'reads' : 'writes'] += 1;
        try {
          const response = await fetch(input, init);
          meter?.called(system, response.status);
          return response;
        } catch (error) {
          meter?.called(system, undefined);
          throw error;
        }
      };
    },
    counts: () => structuredClone(counts),
  };
}
