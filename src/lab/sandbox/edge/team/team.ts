import type { AccessApp, World } from '../../state/world.ts';
import { issuerOf, signClaims, teamCerts } from '../access/access-token.ts';
import { coversHost, doorsOf } from '../view/access-door.ts';
import { seenAt } from '../view/seen-world.ts';
import { type Answer, answer, type Visit } from '../view/visit.ts';
import type { Ask } from './identity-exchange.ts';
import { chooseLogin, comeBack, logInByWord } from './team-login.ts';
import { page, teamPageNotFound } from './team-page.ts';

const LOGIN_PATH = /^\/cdn-cgi\/access\/login\/([^/]+)$/;

/** The login address for a visitor without a session; `kid` is the AUD, as at Cloudflare (facts edge.md). */
export async function loginUrl(
  world: World,
  target: { host: string; aud: string; returnTo: string },
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const meta = await signClaims({
    iss: issuerOf(world),
    aud: target.aud,
    type: 'meta',
    hostname: target.host,
    redirect_url: target.returnTo,
    iat,
    exp: iat + 300,
  });
  const query = new URLSearchParams({ kid: target.aud, redirect_url: target.returnTo, meta });
  return `${issuerOf(world)}/cdn-cgi/access/login/${target.host}?${query}`;
}

/**
 * The team's own host: its signing keys, a login page, and the return from identity providers. A person whom the
 * application's policies admit goes back to its host with a session.
 */
export async function visitTeam(world: World, visit: Visit, ask: Ask): Promise<Answer> {
  if (visit.path === '/cdn-cgi/access/certs') {
    return answer('access', 200, JSON.stringify(await teamCerts()), { 'content-type': 'application/json' });
  }
  if (visit.path === '/cdn-cgi/access/callback') return comeBack(world, visit, ask);
  const host = LOGIN_PATH.exec(visit.path)?.[1];
  if (host === undefined) return teamPageNotFound;
  const query = new URLSearchParams(visit.query);
  const app = seenAt('login', world).apps.find((candidate) => candidate.aud === query.get('kid'));
  if (!app || !covers(app, host)) return page(404, 'Unable to find your Access application');
  const target = { app, host, returnTo: query.get('redirect_url') ?? '/' };
  return visit.method === 'POST' ? logInByWord(world, visit, target) : chooseLogin(world, visit, target);
}

/** True if a host belongs to the application, the only place for its session. */
function covers(app: AccessApp, host: string): boolean {
  const name = host.toLowerCase();
  return doorsOf(app).some((door) => coversHost(door, name));
}

/** The return to the application's host, where the session becomes a cookie. */
export function acceptSession(world: World, visit: Visit): Answer {
  const query = new URLSearchParams(visit.query);
  const token = query.get('token') ?? '';
  const back = query.get('redirect_url') ?? '/';
  return answer('access', 302, '', {
    location: back.startsWith('/') && !back.startsWith('//') ? back : '/',
    'set-cookie': `CF_Authorization=${token}; ${cookieAttributes(appOfToken(world, token))}`,
  });
}

/** The application of a token, without a check of the signature: that comes when the cookie is used. */
function appOfToken(world: World, token: string): AccessApp | undefined {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return world.apps.find(({ aud }) => payload.includes(aud));
}

function cookieAttributes(app: AccessApp | undefined): string {
  const { path_cookie_attribute, http_only_cookie_attribute, same_site_cookie_attribute } =
    app?.settings ?? {};
  const [, path = '/'] = /^[^/]*(\/[^*]*)/.exec(String(app?.destinations[0]?.uri ?? '')) ?? [];
  const site = typeof same_site_cookie_attribute === 'string' ? same_site_cookie_attribute : 'none';
  return [
    `Path=${path_cookie_attribute === true ? path : '/'}`,
    'Secure',
    ...(http_only_cookie_attribute === false ? [] : ['HttpOnly']),
    `SameSite=${site.charAt(0).toUpperCase()}${site.slice(1)}`,
  ].join('; ');
}
