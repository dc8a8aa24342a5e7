import { createHash } from 'node:crypto';
import { cookieValue } from '../../authentik/api/cookie.ts';
import { callbackOf } from '../../cloudflare/access/access-identity-provider.ts';
import { newHex } from '../../state/ids.ts';
import type { AccessApp, Identity, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import { signClaims, teamClaims, teamIdentity } from '../access/access-token.ts';
import { contextAt } from '../view/circumstances.ts';
import { seenAt } from '../view/seen-world.ts';
import { viewOf } from '../view/view.ts';
import { type Answer, answer, headerValues, type Visit } from '../view/visit.ts';
import { spendApprovals } from './approval.ts';
import { identityByWord, type LoginMethod, loginMethods, type OpenIdProvider } from './identity.ts';
import { type Ask, exchangeCode } from './identity-exchange.ts';
import { entryOf, isLockedOut } from './login.ts';
import { choicePage, page, reasonPage } from './team-page.ts';

/** The page that a person wants. */
export interface LoginTarget {
  app: AccessApp;
  host: string;
  returnTo: string;
}

const TEAM_COOKIE = 'CF_Authorization';
const LOGIN_COOKIE = 'CF_Session';
const LOGIN_MS = 10 * 60 * 1000;

/**
 * The login of a person. With a team session they continue, if the application allows its provider. Otherwise they
 * choose one, or are sent to the only one if the application says so.
 */
export async function chooseLogin(world: World, visit: Visit, target: LoginTarget): Promise<Answer> {
  const methods = loginMethods(seenAt('login', world), target.app);
  const identity = await teamIdentity(world, cookieOf(visit, TEAM_COOKIE) ?? '');
  if (identity !== null && methods.some(({ id }) => id === identity.provider)) {
    return enter(world, visit, target, identity);
  }
  const chosen = new URLSearchParams(visit.query).get('idp');
  const atOnce = target.app.settings.auto_redirect_to_identity === true && methods.length === 1;
  const openId = methods.find(({ id }) => atOnce || id === chosen)?.openId ?? null;
  if (openId !== null) return sendOff(world, openId, target);
  return choicePage(target.app.name, methods, ({ id }) => {
    const query = new URLSearchParams(visit.query);
    query.set('idp', id ?? '');
    return `${visit.path}?${query}`;
  });
}

/** Logs in a person who owns the mailbox of the address that they type in, or takes the reason of one who is logged in. */
export async function logInByWord(world: World, visit: Visit, target: LoginTarget): Promise<Answer> {
  const form = new URLSearchParams(Buffer.from(visit.body ?? []).toString('utf8'));
  const identity = await teamIdentity(world, cookieOf(visit, TEAM_COOKIE) ?? '');
  const reason = form.get('justification');
  if (identity !== null && reason !== null) return enter(world, visit, target, identity, reason);
  const chosen = new URLSearchParams(visit.query).get('idp');
  const email = form.get('email') ?? '';
  const methods: LoginMethod[] = loginMethods(seenAt('login', world), target.app).filter(
    ({ openId }) => openId === null,
  );
  const method = chosen === null ? methods[0] : methods.find(({ id }) => (id ?? '') === chosen);
  if (method === undefined) return page(403, 'This application takes no one-time code');
  return enter(world, visit, target, identityByWord(method, email));
}

/** Sends a browser to the provider, with a cookie that identifies it on its return. */
function sendOff(world: World, provider: OpenIdProvider, { app, host, returnTo }: LoginTarget): Answer {
  if (!URL.canParse(provider.authUrl)) return failed('the authorization address is no URL');
  const at = now(world);
  const login = {
    state: newHex(world),
    session: newHex(world),
    provider: provider.id,
    aud: app.aud,
    host,
    returnTo,
    verifier: provider.pkce ? newHex(world) : null,
    until: at + LOGIN_MS,
  };
  world.identityLogins = [...(world.identityLogins ?? []).filter(({ until }) => until > at), login];
  const address = new URL(provider.authUrl);
  const asked = {
    client_id: provider.clientId,
    redirect_uri: callbackOf(world),
    response_type: 'code',
    scope: provider.scopes.join(' '),
    state: login.state,
    ...(login.verifier === null
      ? {}
      : { code_challenge: challengeOf(login.verifier), code_challenge_method: 'S256' }),
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return answer('access', 302, '', {
    location: address.href,
    'set-cookie': `${LOGIN_COOKIE}=${login.session}; Path=/; Secure; HttpOnly; SameSite=None`,
    'cache-control': 'no-store',
  });
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** Handles a return from the provider with a code, which is valid once, and only for the browser that was sent. */
export async function comeBack(world: World, visit: Visit, ask: Ask): Promise<Answer> {
  const query = new URLSearchParams(visit.query);
  const login = world.identityLogins?.find(({ state }) => state === query.get('state'));
  world.identityLogins = (world.identityLogins ?? []).filter((other) => other !== login);
  const app = seenAt('login', world).apps.find(({ aud }) => aud === login?.aud);
  if (login === undefined || app === undefined || login.until <= now(world)) return invalidSession();
  if (cookieOf(visit, LOGIN_COOKIE) !== login.session) return invalidSession();
  const error = query.get('error');
  if (error !== null) return failed(`the identity provider says ${error}`);
  const provider =
    loginMethods(seenAt('login', world), app).find(({ id }) => id === login.provider)?.openId ?? null;
  if (provider === null) return failed('the application does not allow this identity provider any more');
  const exchanged = await exchangeCode(world, { provider, login, code: query.get('code') ?? '' }, ask);
  if (typeof exchanged === 'string') return failed(exchanged);
  return enter(world, visit, { app, host: login.host, returnTo: login.returnTo }, exchanged);
}

/** Starts a session at the application's host, and one with the team, if its policies admit the person. */
async function enter(
  world: World,
  { from }: Visit,
  target: LoginTarget,
  identity: Identity,
  justification = '',
): Promise<Answer> {
  const view = viewOf(world, 'login');
  const { app, host, returnTo } = target;
  if (isLockedOut(view, app, identity.email)) return page(403, 'Your session was revoked. Try again later');
  const entry = entryOf(view, app, identity, contextAt(world, host, from), { justification });
  if (entry.kind === 'refused') return page(403, 'That account does not have access');
  const team = await signClaims(teamClaims(world, identity));
  const cookie = `${TEAM_COOKIE}=${team}; Path=/; Secure; HttpOnly; SameSite=None`;
  if (entry.kind === 'incomplete') return withCookie(furtherPage(target, entry.missing), cookie);
  const { claims } = entry;
  if (claims.approved) spendApprovals(world, app, identity.email);
  world.sessions.push(claims);
  const query = new URLSearchParams({ token: await signClaims(claims), redirect_url: returnTo });
  const location = `https://${host}/cdn-cgi/access/authorized?${query}`;
  return withCookie(answer('access', 302, '', { location }), cookie);
}

/** The page for somebody whom a policy admits with a reason, or with the approval of others. */
function furtherPage({ app, host, returnTo }: LoginTarget, missing: 'justification' | 'approval'): Answer {
  if (missing === 'approval') return page(403, 'Your request for access was sent to the approvers');
  const query = new URLSearchParams({ kid: app.aud, redirect_url: returnTo });
  return reasonPage(app.name, `/cdn-cgi/access/login/${host}?${query}`);
}

function withCookie(made: Answer, cookie: string): Answer {
  return { ...made, headers: { ...made.headers, 'set-cookie': cookie } };
}

function failed(why: string): Answer {
  return page(400, 'Failed to fetch user/group information from the identity provider', why);
}

function invalidSession(): Answer {
  return page(400, 'Invalid session. Please try logging in again.', 'invalid session');
}

function cookieOf(visit: Visit, name: string): string | null {
  return cookieValue(headerValues(visit, 'cookie').join('; '), name);
}
