import { tokenClaims } from '../edge/access/access-token.ts';
import { type Answers, sameElements } from '../edge/view/answers.ts';
import { type Circumstances, contextAt } from '../edge/view/circumstances.ts';
import { policyMatches } from '../edge/view/policy-decision.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Visit } from '../edge/view/visit.ts';
import type { UserRow } from '../state/authentik-state.ts';
import { isObject } from '../state/json.ts';
import type { AccessApp, AccessClaims, AccessPolicy, Guard, ServiceToken, World } from '../state/world.ts';
import { isAdmitted, type Person, type Visitor } from './admission.ts';
import type { Claim } from './paths.ts';
import { begunSession, heldSessions, type Scene } from './sessions.ts';
import { type Situation, situationWords } from './situation.ts';

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
  /** Comes without a login and without a token. */
  isAnonymous: boolean;
  admittedBy(admit: Guard['admit']): boolean;
  visit(host: string, path: string, claim: Claim): Visit;
}

/** All people to try: those whom a guard names, who ever logged in or have an account, and a stranger. */
export function peopleOf({ answers, world }: EdgeView): readonly Person[] {
  return answers.ask(['people'], () => peopleIn(answers, world), sameElements);
}

function peopleIn(answers: Answers, world: World): Person[] {
  const person = (principal: string, email: string, user: UserRow): Person =>
    answers.ask(['person', principal, email, user], () => ({ principal, email, user }));
  const { users } = world.authentik;
  const active = users.filter(({ is_active, type }) => is_active && type !== 'internal_service_account');
  const people = new Map<string, Person>();
  for (const user of active) {
    const email = user.email.toLowerCase();
    const principal = email === '' || people.has(email) ? `person ${user.username}` : email;
    people.set(principal, person(principal, email, user));
  }
  const addresses = [
    STRANGER,
    ...world.guards.flatMap(({ admit }) => addressesIn(admit)),
    ...world.sessions.flatMap((claims) => claims.email ?? []),
    ...[...world.policies, ...(world.accessGroups ?? [])].flatMap(addressesOf),
  ];
  for (const address of addresses) {
    const email = address.toLowerCase();
    if (!people.has(email)) people.set(email, person(address, address, OUTSIDER));
  }
  return [...people.values()];
}

/** The addresses that a live policy or group names, and one in each of its domains. */
function addressesOf({
  include,
  require,
  exclude,
}: Pick<AccessPolicy, 'include' | 'require' | 'exclude'>): string[] {
  return [...include, ...require, ...exclude].flatMap(({ email, email_domain: domain }) => {
    if (isObject(email) && typeof email.email === 'string') return [email.email];
    return isObject(domain) && typeof domain.domain === 'string' ? [`oracle@${domain.domain}`] : [];
  });
}

/** The addresses that a guard names, and one in each of its domains. */
function addressesIn({ emails = [], rules = [] }: Guard['admit']): string[] {
  const terms = rules.flatMap(({ include, require = [], exclude = [] }) => [
    ...include,
    ...require,
    ...exclude,
  ]);
  const domains = terms.flatMap((term) => term.domains ?? []);
  return [
    ...emails,
    ...terms.flatMap((term) => term.emails ?? []),
    ...domains.map((domain) => `oracle@${domain}`),
  ];
}

/** The visitors of one host in each of its situations. In the first, they are ordinary; and there an anonymous one is first. */
export function suspectsAt(
  view: EdgeView,
  people: readonly Person[],
  host: string,
  situations: readonly Situation[],
  apps: readonly AccessApp[],
): Suspect[] {
  const contexts = situations.map(({ from }) => contextAt(view.world, host, from));
  const places = contexts.map((each) => ({ ...each, passed: [...each.passed] }));
  return situations.flatMap((situation) => {
    const login = JSON.stringify([situation.by, situation.approved, places]);
    return suspectsIn(view, people, { host, situation, contexts, login, apps });
  });
}

/** The visitors in one situation, an anonymous one first. */
function suspectsIn(view: EdgeView, people: readonly Person[], scene: Scene): Suspect[] {
  const { host, situation } = scene;
  const { serviceTokens, strangerToken } = view.world;
  const words = situationWords(view.world, situation);
  const from = Object.keys(situation.from).length === 0 ? undefined : situation.from;
  const seen = (
    who: Omit<Visitor, 'host' | 'situation'>,
    principal: string,
    visit: Suspect['visit'],
  ): Suspect => {
    const visitor: Visitor = { ...who, host, situation };
    return {
      principal: principal + words,
      isAnonymous: who.person === undefined && who.token === undefined,
      admittedBy: (admit) => isAdmitted(view.world, admit, visitor),
      visit: from === undefined ? visit : placed(visit, from),
    };
  };
  const tokens = [strangerToken, ...serviceTokens.filter(({ name }) => !PROBE.test(name))];
  return [
    seen({}, 'anonymous', knock),
    ...people.flatMap((person) => {
      const visit = personVisit(view, person, scene);
      return visit === null ? [] : [seen({ person }, person.principal, visit)];
    }),
    ...tokens.map((token) => seen({ token }, `token ${token.name}`, tokenVisit(view, token, scene))),
  ];
}

function placed(visit: Suspect['visit'], from: Circumstances): Suspect['visit'] {
  return (host, path, claim) => {
    const made = visit(host, path, claim);
    made.from = from;
    return made;
  };
}

/**
 * The visits of a person with a session at every application that admits them, and with earlier sessions, which a
 * refusing policy does not end. They also send those sessions where the tunnel looks for one, in case nothing at the
 * edge removes the header. Null for a person who can log in nowhere, and is just anonymous.
 */
function personVisit(view: EdgeView, person: Person, scene: Scene): Suspect['visit'] | null {
  const { email, user } = person;
  const held = email === '' ? [] : heldSessions(view, person, scene);
  const begun = email === '' ? [] : scene.apps.flatMap((app) => begunSession(view, app, person, scene) ?? []);
  const claims = [...begun, ...held];
  if (claims.length === 0 && !entersAnything(view, person, scene)) return null;
  const sessions = claims.map((each) => ({ claims: each }));
  const assertion = claims.length > 0 ? { claims: merged(claims) } : null;
  return (at, path, claim) => {
    const visit = knock(at, path, claim);
    visit.sessions = sessions;
    visit.assertion = assertion;
    visit.person = user;
    return visit;
  };
}

/** True if some application or some outpost lets the person in, at whatever host. */
function entersAnything(view: EdgeView, person: Person, scene: Scene): boolean {
  const { answers, world } = view;
  const { passes } = scene.situation.from;
  const entersApp = () => world.apps.some((app) => begunSession(view, app, person, scene) !== null);
  const entersOutpost = () =>
    world.authentik.providers.some(
      ({ pk, proxy }) => proxy !== null && view.mayPass(pk, person.user, passes),
    );
  return (
    (person.email !== '' && answers.ask(['entersApp', person, scene.login], entersApp)) ||
    answers.ask(['entersOutpost', person, passes?.join()], entersOutpost)
  );
}

function tokenVisit(view: EdgeView, token: ServiceToken, scene: Scene): Suspect['visit'] {
  const context = contextAt(view.world, scene.host, scene.situation.from);
  const claims = scene.apps
    .filter((app) =>
      view
        .policies(app)
        .some((policy) => policy.decision === 'non_identity' && policyMatches(policy, { token, context })),
    )
    .map((app) => tokenClaims(view.world, app, token, view.beginning(app)));
  const headers = [
    ['cf-access-client-id', token.clientId],
    ['cf-access-client-secret', token.secret],
  ] as const;
  const assertion = claims.length > 0 ? { claims: merged(claims) } : null;
  return (at, path, claim) => {
    const visit = knock(at, path, claim);
    visit.headers = claim.headers.length === 0 ? headers : [...headers, ...claim.headers];
    visit.assertion = assertion;
    return visit;
  };
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
