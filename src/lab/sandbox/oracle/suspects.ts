import { groupsOf } from '../authentik/api/permission.ts';
import { tokenClaims } from '../edge/access/access-token.ts';
import { login } from '../edge/team/login.ts';
import { loginPolicy, policyMatches } from '../edge/view/policy-decision.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Visit } from '../edge/view/visit.ts';
import type { UserRow } from '../state/authentik-state.ts';
import type { AccessClaims, Guard, ServiceToken, World } from '../state/world.ts';
import type { Claim } from './paths.ts';

/** A person whom no file ever admits. */
export const STRANGER = 'stranger@example.net';

/** The product's own token. gates checks a door under its cover with it, so its holder is no exposure. */
const PROBE = /^gates:[a-z][a-z0-9-]*\/probe(#\d+)?$/;

/** An account at Authentik in no group, for people without one of their own. */
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

/** A visitor who tries a door, with the sessions and tokens that they can really get. */
export interface Suspect {
  principal: string;
  admittedBy(admit: Guard['admit']): boolean;
  visit(host: string, path: string, claim: Claim): Visit;
}

/** A person with a mail address at Access, an account at Authentik, or both. */
export interface Person {
  principal: string;
  /** Empty for a person without one. */
  email: string;
  user: UserRow;
}

/** All people to try: those whom a guard names, who ever logged in or have an account, and a stranger. */
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

/** True if a guard admits a person, by their address, or by one of their groups, with its ancestors. */
export function isPersonAdmitted(world: World, admit: Guard['admit'], { email, user }: Person): boolean {
  const { emails = [], groups = [], people = false } = admit;
  if (people) return true;
  if (emails.some((admitted) => admitted.toLowerCase() === email.toLowerCase())) return true;
  return groups.length > 0 && groupsOf(world.authentik, user).some(({ name }) => groups.includes(name));
}

/**
 * A person with a session at every application that admits them, and with earlier sessions, which a refusing policy
 * does not end. They also send those sessions where the tunnel looks for one, in case nothing at the edge removes the
 * header. A person who can log in nowhere is just anonymous.
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
  // A person without an account at Authentik gets one in no group, with their own address.
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
 * True if the policies still admit the person, by their provider's answer at the login. Until the session ends, nobody
 * asks the provider for changes, and the policies are not to blame for those.
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

/** True if a guard admits a token, by name, by its part after the last `/`, or by id; never the hidden one. */
function isTokenAdmitted(world: World, admit: Guard['admit'], token: ServiceToken): boolean {
  if (token === world.strangerToken) return false;
  const name = token.name.replace(/#\d+$/, '');
  const short = name.slice(name.lastIndexOf('/') + 1);
  return (admit.tokens ?? []).some((admitted) => [token.id, token.clientId, name, short].includes(admitted));
}

/** One assertion in place of several, each of which would be sent in turn. */
function merged(claims: readonly AccessClaims[]): AccessClaims | null {
  const [first] = claims;
  return first ? { ...first, aud: claims.flatMap((each) => each.aud) } : null;
}

/** A visit. It avoids spreads, which would cost as much as the way through the edge: a write has hundreds of visits. */
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
