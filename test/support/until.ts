import { vi } from 'vitest';

/**
 * Asks again and again until the answer is a value (not undefined, false or null), and returns it. After ten minutes
 * without one it rejects, so that a test that hangs names the line that waits.
 */
export function until<T>(ask: () => T | Promise<T>): Promise<Exclude<T, undefined | null | false>> {
  return vi.waitUntil(ask, { timeout: 600_000, interval: 5 }) as Promise<
    Exclude<T, undefined | null | false>
  >;
}
