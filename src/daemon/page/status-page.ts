import type { Hono } from 'hono';
import type { FileDoor } from '../../config/model/file-door.ts';
import type { HistoryRun } from '../../core/record/history.ts';
import type { Clock } from '../../core/world.ts';
import { renderPage } from '../../page/page.tsx';
import { pageModel } from '../../page/page-model.ts';
import { pageScript } from '../../page/page-script.ts';
import { pageStyle } from '../../page/page-style.ts';
import type { Status } from '../../report/status/status.ts';
import { createChangeFeed } from './change-feed.ts';

/** The status page of one daemon. */
export interface StatusPage {
  html(): Promise<string>;
  /** Opens another event stream; undefined if the maximum is open. */
  events(): ReadableStream<Uint8Array> | undefined;
  /** Ends every event stream. */
  close(): void;
}

export interface StatusPageOptions {
  readonly status: () => Promise<Status>;
  /** The doors of the applied file; undefined until a file has been read. */
  readonly doors: () => readonly FileDoor[] | undefined;
  /** Newest first. */
  readonly runs: () => Promise<readonly HistoryRun[]>;
  /** Calls the listener at every change of the status, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void;
  readonly clock: Clock;
  /** True if email addresses are shown, and not only counted. */
  readonly addresses: boolean;
}

/** Milliseconds for which all requests get the same page, unless the status has changed. */
const SHARED = 1_000;

/** Creates the page, which is rendered only on a request. */
export function createStatusPage(options: StatusPageOptions): StatusPage {
  const { clock, doors, addresses } = options;
  const feed = createChangeFeed(options);
  let last: { readonly updatedAt: string; readonly at: number; readonly html: Promise<string> } | undefined;

  async function render(status: Status, now: Date): Promise<string> {
    const runs = await options.runs();
    return renderPage(pageModel({ status, doors: doors(), runs, now, addresses }));
  }

  return {
    async html() {
      const status = await options.status();
      const now = clock.now();
      const { updatedAt } = status;
      const isFresh = last?.updatedAt === updatedAt && now.getTime() - last.at < SHARED;
      if (last === undefined || !isFresh) last = { updatedAt, at: now.getTime(), html: render(status, now) };
      return last.html;
    },
    events: feed.open,
    close: feed.close,
  };
}

/** Everything comes from this listener, nothing may frame the page, and the page sends nothing. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const OFF =
  'The status page is off: this listener is not on loopback, or GATES_STATUS_PAGE says so. GATES_STATUS_PAGE=on turns it on.\n';

/**
 * Adds the page to the listener: `/`, its style and script, and its event stream. `refusal` returns why a request is
 * refused under the name that it used; undefined if it is not.
 */
export function addStatusPage(
  app: Hono,
  page: StatusPage | undefined,
  refusal: (url: string) => string | undefined,
): void {
  if (page === undefined) {
    app.get('/', (context) => context.text(OFF, 404));
    return;
  }
  for (const path of ['/', '/page.css', '/page.js', '/page/*']) {
    app.use(path, async (context, next) => {
      const refused = refusal(context.req.url);
      if (refused !== undefined) return context.text(refused, 421);
      await next();
      for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
      return undefined;
    });
  }
  app.get('/', async (context) => context.html(await page.html()));
  app.get('/page.css', (context) =>
    context.body(pageStyle, 200, { 'content-type': 'text/css; charset=utf-8' }),
  );
  app.get('/page.js', (context) =>
    context.body(pageScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/page/events', (context) => {
    // Another page in the same browser cannot read the stream, and must not hold one open.
    const site = context.req.header('sec-fetch-site') ?? 'none';
    if (site !== 'same-origin' && site !== 'none') return context.text('not from another site\n', 403);
    const stream = page.events();
    if (stream === undefined) return context.text('too many event streams\n', 503);
    return context.body(stream, 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  });
}
