import { goExpression } from '../../expressions/go-expression.ts';
import type { OutpostApp, OutpostLoad, OutpostSession } from '../../state/login-rows.ts';

/** One request as an outpost sees it. */
export interface OutpostRequest {
  method: string;
  /** Lower case, with its port if it has one. */
  host: string;
  /** As sent; begins with `/`. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** The value of a header, by its name in lower case; of several, the first. */
  header(name: string): string | null;
}

/** The session of a visitor who returns from a login at a provider, if there is one. */
export type SignedIn = (app: OutpostApp) => OutpostSession | null;

/** The decision of an outpost about a request. */
export type OutpostDecision =
  /** Passes on to the application; without a session if `skip_path_regex` matches. */
  | { kind: 'pass'; app: OutpostApp; session: OutpostSession | null }
  /** 302 to Authentik's authorize endpoint, and back to `returnTo` after that. */
  | { kind: 'authorize'; app: OutpostApp; returnTo: string }
  /** 302 to the outpost's own start, which sends on to authorize. */
  | { kind: 'start'; app: OutpostApp; returnTo: string }
  /** A visitor returns from authorize. */
  | { kind: 'callback'; app: OutpostApp; query: string }
  | { kind: 'sign-out'; app: OutpostApp }
  | { kind: 'unauthorized' }
  | { kind: 'ping' }
  /** `X-Forwarded-*` are missing or contain no URL. */
  | { kind: 'misconfigured' }
  /** No provider here serves this host. */
  | { kind: 'stranger'; host: string };

const OWN = '/outpost.goauthentik.io';
const CALLBACK_MARK = 'X-authentik-auth-callback';

/** True if a path belongs to the outpost itself, on every host that it serves. */
export function isOutpostPath(path: string): boolean {
  return path === OWN || path.startsWith(`${OWN}/`);
}

/**
 * Decides about one request (facts §4), without changes or signatures. `anyHost` plays the releases whose outpost
 * serves every host if it has exactly one provider.
 */
export function decide(
  load: OutpostLoad,
  request: OutpostRequest,
  signedIn: SignedIn,
  anyHost: boolean,
): OutpostDecision {
  if (request.path === `${OWN}/ping`) return { kind: 'ping' };
  const own = isOutpostPath(request.path);
  const host = (own ? request.header('x-forwarded-host') : null) ?? request.host;
  const app = appFor(load, host.toLowerCase(), anyHost && (own || !load.embedded));
  if (app === undefined) return { kind: 'stranger', host };
  switch (request.path) {
    case `${OWN}/start`:
      return {
        kind: 'authorize',
        app,
        returnTo: safeReturn(app, new URLSearchParams(request.query).get('rd')),
      };
    case `${OWN}/callback`:
      return { kind: 'callback', app, query: request.query };
    case `${OWN}/sign_out`:
      return { kind: 'sign-out', app };
  }
  // Mode `proxy` knows no question of forward auth: the application gets it, like any other request.
  if (app.mode === 'proxy') return proxied(app, request, signedIn);
  switch (request.path) {
    case `${OWN}/auth/traefik`:
    case `${OWN}/auth/caddy`:
      return forwardAuth(app, request, signedIn);
    case `${OWN}/auth/nginx`:
      return forwardAuthForNginx(app, request, signedIn);
  }
  return { kind: 'stranger', host };
}

/**
 * The provider with this external host, port included; of several, the one loaded last. Else the one with the longest
 * cookie domain at the end of the host, which is a plain suffix: `evilexample.dev` ends in `example.dev`.
 */
export function appFor(load: OutpostLoad, host: string, anyHost: boolean): OutpostApp | undefined {
  const exact = load.apps.findLast((app) => app.host === host);
  if (exact !== undefined) return exact;
  const [bySuffix] = load.apps
    .filter((app) => app.mode === 'forward_domain' && cookieDomain(app) !== '')
    .filter((app) => host.endsWith(cookieDomain(app)))
    .toSorted((left, right) => cookieDomain(right).length - cookieDomain(left).length);
  if (bySuffix !== undefined) return bySuffix;
  return anyHost && load.apps.length === 1 ? load.apps[0] : undefined;
}

export function cookieDomain(app: OutpostApp): string {
  return app.cookieDomain.replace(/^\./, '');
}

/** The decision about the request that the proxy reports. */
function forwardAuth(app: OutpostApp, request: OutpostRequest, signedIn: SignedIn): OutpostDecision {
  const proto = request.header('x-forwarded-proto');
  const host = request.header('x-forwarded-host');
  const uri = request.header('x-forwarded-uri');
  const asked = `${proto ?? ''}://${host ?? ''}${uri ?? ''}`;
  if (!proto || !host || !uri?.startsWith('/') || !URL.canParse(asked)) return { kind: 'misconfigured' };
  const question = uri.indexOf('?');
  const path = question < 0 ? uri : uri.slice(0, question);
  const query = question < 0 ? '' : uri.slice(question);
  const session = signedIn(app);
  if (session !== null || isSkipped(app, path, asked)) return { kind: 'pass', app, session };
  if (isMarked(query)) return { kind: 'callback', app, query };
  return { kind: 'authorize', app, returnTo: asked };
}

/**
 * The endpoint for nginx, which understands no redirect: it gets 401 instead. The requested address is in
 * `X-Original-URI`, unchanged, or else in `X-Original-URL`; a path of the outpost's own passes.
 */
function forwardAuthForNginx(app: OutpostApp, request: OutpostRequest, signedIn: SignedIn): OutpostDecision {
  const uri = request.header('x-original-uri') || null;
  const url = request.header('x-original-url') ?? '';
  if (uri === null && !/^https?:\/\//i.test(url)) return { kind: 'misconfigured' };
  const [text, path] = uri === null ? [url, decoded(pathOf(url))] : [uri, uri];
  if (path === null) return { kind: 'misconfigured' };
  const session = signedIn(app);
  const passes = session !== null || matchesSkipped(app, path, text) || path.startsWith(OWN);
  return passes ? { kind: 'pass', app, session } : { kind: 'unauthorized' };
}

/** The path of a URL as sent, neither resolved nor decoded. */
function pathOf(url: string): string {
  return url.replace(/^\w+:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '');
}

function proxied(app: OutpostApp, request: OutpostRequest, signedIn: SignedIn): OutpostDecision {
  const asked = `https://${request.host}${request.path}${request.query}`;
  const session = signedIn(app);
  if (session !== null || isSkipped(app, request.path, asked)) return { kind: 'pass', app, session };
  if (isMarked(request.query)) return { kind: 'callback', app, query: request.query };
  if (app.interceptHeaderAuth && request.header('authorization') !== null) return { kind: 'unauthorized' };
  return { kind: 'start', app, returnTo: asked };
}

/** True if the query marks a return from a login. The cheap test comes first: the oracle asks often. */
function isMarked(query: string): boolean {
  if (!query.includes(CALLBACK_MARK) && !query.includes('%')) return false;
  return new URLSearchParams(query).get(CALLBACK_MARK)?.toLowerCase() === 'true';
}

/** True if an unanchored expression matches the decoded path, or in domain mode the URL (facts edge.md). */
function isSkipped(app: OutpostApp, path: string, url: string): boolean {
  if (app.skipped.length === 0) return false;
  const read = decoded(path);
  return read !== null && matchesSkipped(app, read, url);
}

function matchesSkipped(app: OutpostApp, path: string, url: string): boolean {
  const text = app.mode === 'forward_domain' ? url : path;
  return app.skipped.some((expression) => goExpression(expression)?.test(text) ?? false);
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** The address of the return: only at a host that the provider serves, else at its own. */
function safeReturn(app: OutpostApp, asked: string | null): string {
  const own = app.externalHost;
  if (asked === null || !URL.canParse(asked, own)) return own;
  const { host, protocol, href } = new URL(asked, own);
  const domain = cookieDomain(app);
  const isServed =
    host === app.host || (app.mode === 'forward_domain' && domain !== '' && host.endsWith(domain));
  return isServed && /^https?:$/.test(protocol) ? href : own;
}
