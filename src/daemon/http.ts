import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { Hono } from 'hono';
import type { Clock } from '../core/world.ts';
import type { Status } from '../report/status/status.ts';
import { addStatusPage, type StatusPage } from './page/status-page.ts';
import { staleness } from './status/staleness.ts';
import type { Bearers } from './verify/bearers.ts';
import type { Verifier } from './verify/verifier.ts';

export interface HttpOptions {
  readonly status: () => Promise<Status>;
  readonly clock: Clock;
  /** The answer of `/metrics`. */
  readonly metrics: (
    status: Status,
    ready: boolean,
  ) => Promise<{ readonly text: string; readonly type: string }>;
  /** Names, other than `localhost` and this machine's, under which people may request the status; lower case. */
  readonly hosts?: readonly string[];
  readonly verify: Verifier;
  /** The check of `/verify` for hosts whose callers have tokens of their own. */
  readonly bearers: Bearers;
  /** Absent if the page is off. */
  readonly page?: StatusPage;
}

/**
 * The listener for people and monitoring: `/healthz` (the process answers), `/readyz` (the loop works), `/api/status`,
 * `/metrics`, `/verify` for the origin's proxy, and the status page.
 */
export function createHttp({ status, clock, metrics, hosts = [], verify, bearers, page }: HttpOptions): Hono {
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
  const known = new Set(['localhost', hostname().toLowerCase(), ...hosts]);
  const refusal = (url: string) => {
    const { host } = new URL(url);
    return isKnown(host, known) ? undefined : `Unknown host ${host}: add its name to GATES_STATUS_HOSTS\n`;
  };
  addStatusPage(app, page, refusal);
  app.get('/api/status', async (context) => {
    const refused = refusal(context.req.url);
    return refused === undefined ? context.json(await status()) : context.text(refused, 421);
  });
  app.get('/metrics', async (context) => {
    const now = await status();
    const { text, type } = await metrics(now, staleness(now, clock.now()) === undefined);
    return context.body(text, 200, { 'content-type': type });
  });
  app.get('/verify', async (context) => {
    // The host comes from the proxy's settings, never from a client.
    const { host, path } = context.req.query();
    if (host === undefined) return context.text('name the host: /verify?host=app.example.dev\n', 400);
    const header = (name: string) => context.req.header(name);
    // The proxy says what was requested: docs/verify.md makes it drop the client's own headers about that.
    const [method = '', uri = ''] = [header('x-forwarded-method'), header('x-forwarded-uri')];
    const judged =
      path === undefined ? await bearers({ host: host.toLowerCase(), method, uri, header }) : undefined;
    if (judged?.type === 'unknown') return context.text('not known\n', 503);
    if (judged?.type === 'refused')
      return context.text('not admitted\n', 401, { 'www-authenticate': judged.challenge });
    if (judged?.type === 'admitted') {
      // A name that does not fit into a header is left out; the application can read the token.
      const named = /^[\x21-\x7e]+$/.test(judged.subject ?? '')
        ? { 'remote-user': judged.subject ?? '' }
        : {};
      return context.text('ok\n', 200, named);
    }
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

/**
 * True if a `Host` is ours. A browser page can point its own name at this machine (DNS rebinding), but its requests
 * still carry that name. An address as `Host` cannot be forged in this way.
 */
function isKnown(host: string, known: ReadonlySet<string>): boolean {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  return isIP(name) !== 0 || known.has(name);
}
