import { Hono } from 'hono';
import type { Clock } from '../core/world.ts';
import type { Status } from '../report/status.ts';
import { staleness } from './staleness.ts';
import type { Verifier } from './verify/verifier.ts';

export interface HttpOptions {
  readonly status: () => Promise<Status>;
  readonly clock: Clock;
  /** What `/metrics` answers with. */
  readonly metrics: (
    status: Status,
    ready: boolean,
  ) => Promise<{ readonly text: string; readonly type: string }>;
  readonly verify: Verifier;
}

/**
 * The listener for people and for what watches the daemon: `/healthz` (the process answers), `/readyz` (the
 * loop turns), `/api/status`, `/metrics`, `/verify` for the origin's proxy.
 */
export function createHttp({ status, clock, metrics, verify }: HttpOptions): Hono {
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
  app.get('/verify', async (context) => {
    // Of the request itself nothing but the token counts: a client can say any host, the proxy's settings say one.
    const { host, path } = context.req.query();
    if (host === undefined) return context.text('name the host: /verify?host=app.example.dev\n', 400);
    const token = context.req.header('cf-access-jwt-assertion');
    const verdict = await verify({ host: host.toLowerCase(), ...(path !== undefined && { path }), token });
    if (verdict.type === 'unknown') return context.text('not known\n', 503);
    if (verdict.type === 'refused') return context.text('not admitted\n', 401);
    const { user, email } = verdict.visitor;
    context.header('remote-user', user);
    if (email !== undefined) context.header('remote-email', email);
    return context.text('ok\n');
  });
  app.notFound((context) => context.text('not found\n', 404));
  return app;
}
