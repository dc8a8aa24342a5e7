import { beginSession, personCalled, sessionCookie } from './authentik/oidc/login.ts';
import { personClaims, signClaims } from './edge/access/access-token.ts';
import { hostOf } from './edge/edge.ts';
import { spendApprovals } from './edge/team/approval.ts';
import { enteringAt, isLockedOut } from './edge/team/login.ts';
import { type Circumstances, contextAt } from './edge/view/circumstances.ts';
import { viewOf } from './edge/view/view.ts';
import { isStringArray } from './state/field.ts';
import { isObject } from './state/json.ts';
import type { AccessClaims, World } from './state/world.ts';

/** The answer of the admin API to a login. */
export interface LoginReply {
  status: number;
  body: object;
}

type Body = Record<string, unknown>;

/**
 * The result of the Access login page for this person at this door: a session if the application's policies admit them,
 * else 403. With `force` and `aud`, a session of any application, for a test that needs the wrong one.
 */
export async function performLogin(world: World, body: Body): Promise<LoginReply> {
  if (body.host === undefined && body.force !== true) return loginAtAuthentik(world, body);
  if (typeof body.email !== 'string') return wrong('email is needed');
  if (body.force === true) {
    const app = world.apps.find(({ aud }) => aud === body.aud);
    if (!app) return wrong('no application has this aud');
    return session(personClaims(world, app, body.email, null), app.aud);
  }
  if (typeof body.host !== 'string') return wrong('host is needed');
  const from = circumstancesIn(body);
  const methods = body.amr;
  if (from === null || (methods !== undefined && !isStringArray(methods))) {
    return wrong(
      'ip, country and idp are texts, device and amr are lists, certificate is {commonName,authority}',
    );
  }
  const host = hostOf(body.host);
  const view = viewOf(world, 'login');
  const path = typeof body.path === 'string' ? body.path : '/';
  const door = view.guardingDoor(host, path);
  if (!door) return wrong('no Access application covers this door');
  const { app } = door;
  if (isLockedOut(view, app, body.email)) {
    return { status: 403, body: { error: 'revoked less than a minute ago', aud: app.aud } };
  }
  const entry = enteringAt(view, app, body.email, personCalled(world, body.email), {
    context: contextAt(world, host, from),
    by: {
      ...(typeof body.idp === 'string' ? { provider: providerCalled(world, body.idp) } : {}),
      ...(methods === undefined ? {} : { amr: methods }),
    },
    justification: typeof body.justification === 'string' ? body.justification : '',
  });
  if (entry.kind === 'refused') {
    return { status: 403, body: { error: 'no policy admits this person', aud: app.aud } };
  }
  if (entry.kind === 'incomplete') {
    return { status: 403, body: { error: INCOMPLETE[entry.missing], aud: app.aud } };
  }
  const { claims } = entry;
  if (claims.approved) spendApprovals(world, app, body.email);
  world.sessions.push(claims);
  return session(claims, app.aud);
}

const INCOMPLETE = {
  justification: 'Access asks for a reason: justification is a text',
  approval: 'not enough approvers approved this person: POST /approvals',
};

/** The id of an identity provider by its name or id. */
function providerCalled(world: World, name: string): string {
  const provider = world.identityProviders.find((each) => each.id === name || each.name === name);
  return String(provider?.id ?? name);
}

/** The place and the device of a body, or null if they are no such. */
function circumstancesIn({ ip, country, device, certificate, idp }: Body): Circumstances | null {
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  if (![ip, country, idp].every(isText) || !(device === undefined || isStringArray(device))) return null;
  const shown = isObject(certificate) ? certificate : {};
  const { commonName, authority } = shown;
  const isShown = typeof commonName === 'string' && typeof authority === 'string';
  if (certificate !== undefined && !isShown) return null;
  return {
    ...(typeof ip === 'string' ? { ip } : {}),
    ...(typeof country === 'string' ? { country: country.toUpperCase() } : {}),
    ...(device === undefined ? {} : { device }),
    ...(isShown ? { certificate: { commonName, authority } } : {}),
  };
}

/** A browser's session at Authentik, without a password. */
function loginAtAuthentik(world: World, { username, email, amr, passes }: Body): LoginReply {
  const name = typeof username === 'string' ? username : email;
  if (typeof name !== 'string') return wrong('host and email (Access), or username or email (Authentik)');
  if (amr !== undefined && !isStringArray(amr)) return wrong('amr is a list');
  if (passes !== undefined && !isStringArray(passes)) return wrong('passes is a list');
  const user = personCalled(world, name);
  if (user === undefined) return { status: 403, body: { error: 'no active person of this name' } };
  const begun = beginSession(world, user, amr, passes);
  return { status: 200, body: { session: begun.id, user: user.pk, cookie: sessionCookie(begun) } };
}

async function session(claims: AccessClaims, aud: string): Promise<LoginReply> {
  const jwt = await signClaims(claims);
  return { status: 200, body: { jwt, aud, cookie: `CF_Authorization=${jwt}` } };
}

function wrong(error: string): LoginReply {
  return { status: 400, body: { error } };
}
