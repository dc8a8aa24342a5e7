import { Hono } from 'hono';
import type { Clock } from '../core/world.ts';
import type { Status } from '../report/status.ts';
import { staleness } from './staleness.ts';

export interface HttpOptions {
  readonly status: () => Promise<Status>;
  readonly clock: Clock;
  /** What `/metrics` answers with. */
  readonly metrics: (
    status: Status,
    ready: boolean,
  ) => Promise<{ readonly text: string; readonly type: string }>;
}

/**
 * The listener for people and for what watches the daemon: `/healthz` (the process answers), `/readyz` (the
 * loop turns), `/api/status`, `/metrics`.
 */
export function createHttp({ status, clock, metrics }: HttpOptions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) => {
    const stale = staleness(await status(), clock.now());
    return stale === undefined ? context.text('ok\n') : context.text(`not ready: ${stale}\n`, 503);
  });
  app.get('/api/status', async (context) => context.json(await status()));
  app.get('/metrics', async (context) => {
    const now = await status();
    const { text, type } = await metrics(now, staleness(now, clock.now()) === undefined);
    return context.body(text, 200, { 'content-type': type });
  });
  app.notFound((context) => context.text('not found\n', 404));
  return app;
}
