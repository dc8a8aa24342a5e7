import { groupsOf } from '../authentik/api/permission.ts';
import { tokenClaims } from '../edge/access/access-token.ts';
import { login } from '../edge/team/login.ts';
import { loginPolicy, policyMatches } from '../edge/view/policy-decision.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Visit } from '../edge/view/visit.ts';
import type { UserRow } from '../state/authentik-state.ts';
import type { AccessClaims, Guard, ServiceToken, World } from '../state/world.ts';
import type { Claim } from './paths.ts';

/** A person whom no file admits anywhere. */
export const STRANGER = 'stranger@example.net';

/** The product's own token: with it a door is proved under its cover, so nobody is exposed to who holds it. */
const PROBE = /^gates:[a-z][a-z0-9-]*\/probe(#\d+)?$/;

/** An account at Authentik in no group, for whoever has none of their own there. */
const OUTSIDER: UserRow = {
  pk: 0,
  uuid: 'outsider',
  username: 'stranger',
  name: 'Stranger',
  email: STRANGER,
  is_active: true,
  path: 'users',
  type: 'external',
  groups: [],
  roles: [],
  attributes: {},
  last_login: null,
  date_joined: '2026-01-01T00:00:00.000Z',
  last_updated: '2026-01-01T00:00:00.000Z',
};

/** Somebody who tries a door, with whatever sessions and tokens they really can get. */
export interface Suspect {
  principal: string;
  admittedBy(admit: Guard['admit']): boolean;
  visit(host: string, path: string, claim: Claim): Visit;
}

/** A person with a mail address at Access, an account at Authentik, or both. */
export interface Person {
  principal: string;
  /** Empty for one who has none. */
  email: string;
  user: UserRow;
}

/** Everybody worth trying: those whom a guard names, who ever logged in or have an account, and a stranger. */
export function peopleOf(world: World): Person[] {
  const { users } = world.authentik;
  const active = users.filter(({ is_active, type }) => is_active && type !== 'internal_service_account');
  const people = new Map<string, Person>();
  for (const user of active) {
    const email = user.email.toLowerCase();
    const principal = email === '' || people.has(email) ? `person ${user.username}` : email;
    people.set(principal, { principal, email, user });
  }
  const addresses = [
    STRANGER,
    ...world.guards.flatMap((guard) => guard.admit.emails ?? []),
    ...world.sessions.flatMap((claims) => claims.email ?? []),
  ];
  for (const address of addresses) {
    const email = address.toLowerCase();
    if (!people.has(email)) people.set(email, { principal: address, email: address, user: OUTSIDER });
  }
  return [...people.values()];
}

export function suspectsOf(view: EdgeView, people: readonly Person[]): Suspect[] {
  const { serviceTokens, strangerToken } = view.world;
  return [
    { principal: 'anonymous', admittedBy: () => false, visit: knock },
    ...people.flatMap((person) => personSuspect(view, person)),
    tokenSuspect(view, strangerToken),
    ...serviceTokens.filter(({ name }) => !PROBE.test(name)).map((token) => tokenSuspect(view, token)),
  ];
}

/** By their address, or by a group that they are in, its parents included. */
export function isPersonAdmitted(world: World, admit: Guard['admit'], { email, user }: Person): boolean {
  const { emails = [], groups = [], people = false } = admit;
  if (people) return true;
  if (emails.some((admitted) => admitted.toLowerCase() === email.toLowerCase())) return true;
  return groups.length > 0 && groupsOf(world.authentik, user).some(({ name }) => groups.includes(name));
}

/**
 * A person with a session at every application that lets them log in, and with those they hold from before, which a
 * policy that now refuses them does not end. They also send those sessions where the tunnel looks for one, in case
 * nothing at the edge takes the header away. Whoever can log in nowhere is no more than anonymous.
 */
function personSuspect(view: EdgeView, person: Person): Suspect[] {
  const { principal, email, user } = person;
  const { apps, sessions: known, authentik } = view.world;
  const held = known.filter(
    (claims) =>
      claims.email?.toLowerCase() === email.toLowerCase() &&
      claims.exp * 1000 > view.now &&
      !isStillAdmitted(view, claims),
  );
  // Whoever has no account at Authentik is tried as one in no group, under their own address.
  const account = { ...user, email };
  const claims =
    email === '' ? [] : [...apps.flatMap((app) => login(view, app, email, account) ?? []), ...held];
  const entersAny = () =>
    authentik.providers.some(({ pk, proxy }) => proxy !== null && view.mayPass(pk, user));
  if (claims.length === 0 && !entersAny()) return [];
  const sessions = claims.map((each) => ({ claims: each }));
  const assertion = claims.length > 0 ? { claims: merged(claims) } : null;
  return [
    {
      principal,
      admittedBy: (admit) => isPersonAdmitted(view.world, admit, person),
      visit: (host, path, claim) => {
        const visit = knock(host, path, claim);
        visit.sessions = sessions;
        visit.assertion = assertion;
        visit.person = user;
        return visit;
      },
    },
  ];
}

/**
 * By what their provider told at the login, the policies admit them to this day. What has become of them at the
 * provider since then is not asked before the session ends, and nothing of the policies' is to blame for it.
 */
function isStillAdmitted(view: EdgeView, { aud, identity }: AccessClaims): boolean {
  const app = view.world.apps.find((candidate) => aud.includes(candidate.aud));
  if (app === undefined || identity?.claims == null) return false;
  return Object.keys(identity.claims).length > 0 && loginPolicy(view.policies(app), identity) !== null;
}

function tokenSuspect(view: EdgeView, token: ServiceToken): Suspect {
  const claims = view.world.apps
    .filter((app) =>
      view
        .policies(app)
        .some((policy) => policy.decision === 'non_identity' && policyMatches(policy, { token })),
    )
    .map((app) => tokenClaims(view.world, app, token));
  const headers = [
    ['cf-access-client-id', token.clientId],
    ['cf-access-client-secret', token.secret],
  ] as const;
  const assertion = claims.length > 0 ? { claims: merged(claims) } : null;
  return {
    principal: `token ${token.name}`,
    admittedBy: (admit) => isTokenAdmitted(view.world, admit, token),
    visit: (host, path, claim) => {
      const visit = knock(host, path, claim);
      visit.headers = claim.headers.length === 0 ? headers : [...headers, ...claim.headers];
      visit.assertion = assertion;
      return visit;
    },
  };
}

/** By name, by what follows the last `/` of it, or by id. The hidden one is admitted nowhere. */
function isTokenAdmitted(world: World, admit: Guard['admit'], token: ServiceToken): boolean {
  if (token === world.strangerToken) return false;
  const name = token.name.replace(/#\d+$/, '');
  const short = name.slice(name.lastIndexOf('/') + 1);
  return (admit.tokens ?? []).some((admitted) => [token.id, token.clientId, name, short].includes(admitted));
}

/** One assertion that stands for sending each of them in turn. */
function merged(claims: readonly AccessClaims[]): AccessClaims | null {
  const [first] = claims;
  return first ? { ...first, aud: claims.flatMap((each) => each.aud) } : null;
}

/** Without spreads, which would take as long as the way through the edge: there are hundreds of visits a write. */
function knock(host: string, path: string, { headers, query }: Claim): Visit {
  return {
    method: 'GET',
    host,
    path,
    query,
    headers,
    body: null,
    sessions: [],
    assertion: null,
    solvesChallenges: true,
  };
}
