import { setTimeout } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { Clock } from '../../src/core/world.ts';
import { createHttp } from '../../src/daemon/http.ts';
import { createStatusPage } from '../../src/daemon/page/status-page.ts';
import type { PageInput } from '../../src/page/page-model.ts';

/** The listener of a daemon whose status the test sets. */
export interface ServedPage {
  readonly app: Hono;
  /** True while an event stream is open. */
  isWatched(): boolean;
  change(input: PageInput): void;
  close(): void;
}

export function servePage(first: PageInput, clock: Clock = stoppedClock(first.now)): ServedPage {
  let input = first;
  let changes = 0;
  const listeners = new Set<() => void>();
  const status = async () => ({
    ...input.status,
    updatedAt: new Date(first.now.getTime() + changes).toISOString(),
  });
  const page = createStatusPage({
    status,
    doors: () => input.doors,
    runs: async () => input.runs,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clock,
    addresses: first.addresses,
  });
  return {
    app: createHttp({
      status,
      clock,
      page,
      bearers: async () => undefined,
      verify: async () => ({ type: 'refused' }),
      metrics: async () => ({ text: '', type: 'text/plain' }),
    }),
    isWatched: () => listeners.size > 0,
    change(next) {
      input = next;
      changes += 1;
      for (const listener of listeners) listener();
    },
    close: page.close,
  };
}

/** A clock that always shows the same instant, and sleeps in real time. */
function stoppedClock(now: Date): Clock {
  return {
    now: () => now,
    async sleep(milliseconds, signal) {
      await setTimeout(milliseconds, undefined, { ...(signal && { signal }) });
    },
  };
}
