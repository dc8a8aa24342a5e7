import { Hono } from 'hono';
import type { Clock } from '../core/world.ts';
import type { Status } from '../report/status.ts';
import { staleness } from './staleness.ts';

/**
 * The listener for people and for what watches the daemon: `/healthz` (the process answers), `/readyz` (the
 * loop turns), `/api/status`.
 */
export function createHttp(status: () => Status, clock: Clock): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', (context) => {
    const stale = staleness(status(), clock.now());
    return stale === undefined ? context.text('ok\n') : context.text(`not ready: ${stale}\n`, 503);
  });
  app.get('/api/status', (context) => context.json(status()));
  app.notFound((context) => context.text('not found\n', 404));
  return app;
}
