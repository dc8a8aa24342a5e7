import { createHash } from 'node:crypto';
import type { UserRow } from '../../state/authentik-state.ts';
import { isAtLeast, versionSaid } from '../../state/authentik-version.ts';
import type { OutpostApp, OutpostLoad, OutpostSession } from '../../state/login-rows.ts';
import { now, type World } from '../../state/world.ts';
import { cookieValue } from '../api/cookie.ts';
import { signJwt, verifyHs256 } from '../api/jwt.ts';
import { type AuthentikPage, jsonPage, notFoundPage, redirect } from '../api/page.ts';
import { uidOf } from '../api/partial.ts';
import { groupsOf } from '../api/permission.ts';
import { newIdentifier, newSecret } from '../api/secret.ts';
import { redeemCode } from '../oidc/code.ts';
import { trustedIssuers } from '../oidc/federation.ts';
import { bearerOf, bearerOfPassword } from '../oidc/token.ts';
import {
  cookieDomain,
  type OutpostDecision,
  type OutpostRequest,
  type SignedIn,
} from './outpost-decision.ts';

/** The default address of Authentik for an outpost without a setting, which no browser reaches (facts §2.8). */
const NOWHERE = 'http://localhost:9000';

/**
 * Reads the session of a cookie of one of this outpost's providers, of a token that one of them accepts, or of a user
 * name with an app password. The outpost tries all of them, whatever `intercept_header_auth` says (`checkAuth`).
 */
export function sessionReader(world: World, request: Pick<OutpostRequest, 'header'>): SignedIn {
  const cookies = request.header('cookie');
  const [, scheme = '', value = ''] =
    /^(bearer|basic) (.+)$/i.exec(request.header('authorization') ?? '') ?? [];
  return (app) => {
    const session = sessionOf(world, app, cookies);
    if (session !== null || scheme === '') return session;
    return scheme.toLowerCase() === 'bearer' ? bearing(world, app, value) : knowing(world, app, value);
  };
}

function sessionOf(world: World, app: OutpostApp, cookies: string | null): OutpostSession | null {
  // Checked first: the oracle plays many visitors without cookies, and the name needs a hash.
  const id = cookies === null ? null : cookieValue(cookies, cookieName(app));
  if (id === null) return null;
  const { outpostSessions } = world.authentik;
  const session = outpostSessions.find((row) => row.id === id && row.provider === app.provider);
  return session !== undefined && session.until > now(world) ? session : null;
}

/** The session of a token: the outpost asks the core about it, but no policy about the person. */
function bearing(world: World, app: OutpostApp, token: string): OutpostSession | null {
  const bearer = bearerOf(world, token);
  if (bearer === null || !trustedIssuers(world, app.provider).includes(bearer.provider.pk)) return null;
  return sessionFor(world, app, bearer.user, '');
}

/** The session of a user name and an app password, as `Authorization: Basic` has them. */
function knowing(world: World, app: OutpostApp, encoded: string): OutpostSession | null {
  const [, username = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const provider = world.authentik.providers.find(({ pk }) => pk === app.provider);
  const person = provider && bearerOfPassword(world, provider, { username, password });
  return person === undefined ? null : sessionFor(world, app, person, '');
}

function sessionFor(world: World, app: OutpostApp, person: UserRow, id: string): OutpostSession {
  const groups = groupsOf(world.authentik, person);
  return {
    id,
    provider: app.provider,
    username: person.username,
    email: person.email,
    name: person.name,
    uid: uidOf(person),
    groups: groups.map(({ name }) => name),
    attributes: Object.assign({}, ...groups.map(({ attributes }) => attributes), person.attributes),
    until: now(world) + app.sessionMs,
  };
}

/**
 * The outpost's own answer; a decision to pass is a 200, as the proxy in front of it expects. In mode `proxy` it is that
 * of the application, which names nobody.
 */
export function outpostPage(
  world: World,
  load: OutpostLoad,
  request: OutpostRequest,
  decision: OutpostDecision,
): AuthentikPage {
  if (needsSession(decision) && !keepsSessions(world, load)) return BAD_REQUEST;
  switch (decision.kind) {
    case 'pass':
      return { status: 200, headers: toldTo(world, load, decision), body: '' };
    case 'authorize':
      return toAuthorize(world, load, decision.app, decision.returnTo);
    case 'start': {
      const back = encodeURIComponent(decision.returnTo);
      return redirect(`${bare(decision.app)}/outpost.goauthentik.io/start?rd=${back}`);
    }
    case 'callback':
      return comeBack(world, request, decision.app, new URLSearchParams(decision.query));
    case 'sign-out':
      return signOut(world, load, request, decision.app);
    case 'ping':
      return { status: 204, headers: {}, body: '' };
    case 'unauthorized':
      return text(401, 'unauthorized request');
    case 'misconfigured':
      return text(500, 'configuration error');
    case 'stranger':
      return load.embedded ? notFoundPage : noApp(world, decision.host);
  }
}

/** The outpost's answer if it cannot keep or find a session: only the status (its source, beliefs §4). */
const BAD_REQUEST: AuthentikPage = { status: 400, headers: {}, body: '' };

function needsSession({ kind }: OutpostDecision): boolean {
  return kind === 'authorize' || kind === 'callback';
}

function keepsSessions(world: World, { name }: OutpostLoad): boolean {
  return world.outages?.sessionStores?.includes(name) !== true;
}

function toldTo(
  world: World,
  load: OutpostLoad,
  decision: Extract<OutpostDecision, { kind: 'pass' }>,
): Record<string, string> {
  return decision.app.mode === 'proxy' ? {} : identityHeaders(world, load, decision);
}

/** The headers that a proxy copies into the request for the application; none if the path is skipped. */
export function identityHeaders(
  world: World,
  load: OutpostLoad,
  { app, session }: { app: OutpostApp; session: OutpostSession | null },
): Record<string, string> {
  if (session === null) return {};
  const { providers } = world.authentik;
  const secret = providers.find(({ pk }) => pk === app.provider)?.client_secret ?? '';
  const { username, email, name, uid, groups } = session;
  const claims = { sub: uid, aud: app.clientId, preferred_username: username, email, name, groups };
  return {
    ...basicAuth(app, session),
    'x-authentik-username': username,
    'x-authentik-groups': groups.join('|'),
    'x-authentik-entitlements': '',
    'x-authentik-email': email,
    'x-authentik-name': name,
    'x-authentik-uid': uid,
    'x-authentik-jwt': signJwt(
      { ...claims, exp: Math.floor(session.until / 1000) },
      { alg: 'HS256', secret },
    ),
    'x-authentik-meta-jwks': `${authentikOrigin(load)}/application/o/${app.application}/jwks/`,
    'x-authentik-meta-outpost': load.name,
    'x-authentik-meta-provider': app.providerName,
    'x-authentik-meta-app': app.application,
    'x-authentik-meta-version': `goauthentik.io/outpost/${versionSaid(world.authentik)}`,
  };
}

/** The Basic credentials: without an attribute for the name, the mail address; without one for the password, none. */
function basicAuth({ basicAuth: names }: OutpostApp, session: OutpostSession): Record<string, string> {
  if (names === null) return {};
  const { [names.user]: user = session.email, [names.password]: password = '' } = session.attributes;
  return { authorization: `Basic ${Buffer.from(`${String(user)}:${String(password)}`).toString('base64')}` };
}

/** `authentik_proxy_` and a part that distinguishes clients (facts §4). */
export function cookieName(app: Pick<OutpostApp, 'clientId'>): string {
  return `authentik_proxy_${createHash('sha256').update(app.clientId).digest('hex').slice(0, 8)}`;
}

function toAuthorize(world: World, load: OutpostLoad, app: OutpostApp, returnTo: string): AuthentikPage {
  const sid = newSecret(world, 52);
  const claims = { iss: issuer(app), sid, state: newIdentifier(world, 32), redirect: returnTo };
  const query = new URLSearchParams({
    client_id: app.clientId,
    redirect_uri: callbackUrl(app),
    response_type: 'code',
    scope: app.scopes.join(' '),
    state: signJwt(claims, { alg: 'HS256', secret: app.cookieSecret }),
  });
  return redirect(`${authentikOrigin(load)}/application/o/authorize/?${query}`, {
    'set-cookie': cookieLine(app, sid),
  });
}

/** Handles a return from a login. If the code or the state is wrong, only the outpost's status says so. */
function comeBack(
  world: World,
  request: OutpostRequest,
  app: OutpostApp,
  query: URLSearchParams,
): AuthentikPage {
  const state = verifyHs256(query.get('state') ?? '', app.cookieSecret);
  const returnTo = typeof state?.redirect === 'string' ? state.redirect : app.externalHost;
  const cookie = cookieValue(request.header('cookie'), cookieName(app));
  if (state?.iss !== issuer(app) || cookie === null || state.sid !== cookie) return BAD_REQUEST;
  const given = { provider: app.provider, code: query.get('code') ?? '', redirectUri: callbackUrl(app) };
  const consent = redeemCode(world, { ...given, verifier: null });
  const person = world.authentik.users.find(({ pk }) => pk === consent?.user);
  if (person === undefined) return BAD_REQUEST;
  world.authentik.outpostSessions.push(sessionFor(world, app, person, cookie));
  return redirect(returnTo);
}

/** Ends the session here, and sends the browser to end the one at Authentik. */
function signOut(world: World, load: OutpostLoad, request: OutpostRequest, app: OutpostApp): AuthentikPage {
  const cookie = cookieValue(request.header('cookie'), cookieName(app));
  const { authentik } = world;
  authentik.outpostSessions = authentik.outpostSessions.filter(({ id }) => id !== cookie);
  return redirect(`${authentikOrigin(load)}/application/o/${app.application}/end-session/`);
}

/** Authentik's address. An embedded outpost knows only `authentik_host`; another may have one more for browsers. */
function authentikOrigin(load: OutpostLoad): string {
  const address = load.embedded || load.browserHost === '' ? load.host : load.browserHost;
  return URL.canParse(address) ? new URL(address).origin : NOWHERE;
}

function callbackUrl(app: OutpostApp): string {
  return `${bare(app)}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true`;
}

/** The external host without a final slash. */
function bare(app: OutpostApp): string {
  return app.externalHost.replace(/\/+$/, '');
}

function issuer(app: OutpostApp): string {
  return `goauthentik.io/outpost/${app.clientId}`;
}

function cookieLine(app: OutpostApp, value: string): string {
  const secure = app.externalHost.startsWith('https:') ? '; Secure' : '';
  const domain = cookieDomain(app) === '' ? '' : `; Domain=${cookieDomain(app)}`;
  return `${cookieName(app)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${domain}`;
}

function noApp(world: World, host: string): AuthentikPage {
  const told = {
    Message: 'no app for hostname',
    Host: host,
    Detail: `Check the outpost settings and make sure '${host}' is included.`,
  };
  if (!isAtLeast(world.authentik.version, '2026.8')) return jsonPage(400, told);
  return jsonPage(400, { message: told.Message, host: told.Host, detail: told.Detail });
}

function text(status: number, body: string): AuthentikPage {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
