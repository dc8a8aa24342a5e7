import type { AccessApp, World } from '../world.ts';
import { login } from './access.ts';
import { issuerOf, signClaims, teamCerts } from './access-token.ts';
import { viewOf } from './view.ts';
import { type Answer, answer, type Visit } from './visit.ts';

const LOGIN_PATH = /^\/cdn-cgi\/access\/login\/([^/]+)$/;

/** Where Access sends a visitor without a session; `kid` is the AUD, as the real one has it (facts edge.md). */
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
 * The team's own host: its signing keys, and a login page that takes anybody's word for who they are. A person whom
 * the application's policies admit is sent back to the host with a session.
 */
export async function visitTeam(world: World, visit: Visit): Promise<Answer> {
  if (visit.path === '/cdn-cgi/access/certs') {
    return answer('access', 200, JSON.stringify(await teamCerts()), { 'content-type': 'application/json' });
  }
  const host = LOGIN_PATH.exec(visit.path)?.[1];
  if (host === undefined) return page(404, 'Not found');
  const query = new URLSearchParams(visit.query);
  const app = world.apps.find((candidate) => candidate.aud === query.get('kid'));
  if (!app) return page(404, 'Unable to find your Access application');
  if (visit.method !== 'POST') return page(200, loginForm(app));
  return loginAt(world, visit, app, host, query.get('redirect_url') ?? '/');
}

async function loginAt(
  world: World,
  visit: Visit,
  app: AccessApp,
  host: string,
  returnTo: string,
): Promise<Answer> {
  const email = new URLSearchParams(Buffer.from(visit.body ?? []).toString('utf8')).get('email') ?? '';
  const claims = login(viewOf(world), app, email);
  if (!claims) return page(403, 'That account does not have access');
  world.sessions.push(claims);
  const query = new URLSearchParams({ token: await signClaims(claims), redirect_url: returnTo });
  return answer('access', 302, '', { location: `https://${host}/cdn-cgi/access/authorized?${query}` });
}

/** Back on the application's host: the session becomes that host's cookie. */
export function acceptSession(visit: Visit): Answer {
  const query = new URLSearchParams(visit.query);
  const token = query.get('token') ?? '';
  const back = query.get('redirect_url') ?? '/';
  return answer('access', 302, '', {
    location: back.startsWith('/') && !back.startsWith('//') ? back : '/',
    'set-cookie': `CF_Authorization=${token}; Path=/; Secure; HttpOnly; SameSite=None`,
  });
}

function loginForm(app: AccessApp): string {
  const name = app.name.replace(/[&<>"]/g, '');
  return `Log in to ${name}<form method="post"><input name="email" type="email"><button>Log in</button></form>`;
}

function page(status: number, text: string): Answer {
  return answer('access', status, `<!doctype html><title>Cloudflare Access</title>${text}\n`, {
    'content-type': 'text/html',
  });
}
