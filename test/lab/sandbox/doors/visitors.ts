import type { Credential } from '../../../../src/doors/admission/admission.ts';
import { signJwt } from '../../../../src/lab/sandbox/authentik/api/jwt.ts';
import { passesByName, passesFlow } from '../../../../src/lab/sandbox/authentik/api/passing.ts';
import { groupsOf } from '../../../../src/lab/sandbox/authentik/api/permission.ts';
import { signerOf } from '../../../../src/lab/sandbox/authentik/oidc/signing.ts';
import { typeOf } from '../../../../src/lab/sandbox/authentik/providers/provider.ts';
import { configurationsIn } from '../../../../src/lab/sandbox/cloudflare/shield/token-configurations.ts';
import { begunAt } from '../../../../src/lab/sandbox/edge/access/access-token.ts';
import { tokenFound } from '../../../../src/lab/sandbox/edge/rules/token-check.ts';
import { identitiesOf } from '../../../../src/lab/sandbox/edge/team/identity.ts';
import { VISITOR_COUNTRY, VISITOR_IP } from '../../../../src/lab/sandbox/edge/view/circumstances.ts';
import type { EdgeView } from '../../../../src/lab/sandbox/edge/view/view.ts';
import type { Visit } from '../../../../src/lab/sandbox/edge/view/visit.ts';
import { addressInside } from '../../../../src/lab/sandbox/expressions/address-range.ts';
import { NO_CLAIM } from '../../../../src/lab/sandbox/oracle/paths.ts';
import { ORDINARY_SITUATION } from '../../../../src/lab/sandbox/oracle/situation.ts';
import { peopleOf, type Suspect, suspectsAt } from '../../../../src/lab/sandbox/oracle/suspects.ts';
import type { AuthentikState, UserRow } from '../../../../src/lab/sandbox/state/authentik-state.ts';
import type { AccessApp, Identity, ServiceToken, World } from '../../../../src/lab/sandbox/state/world.ts';

/** A visitor as the sandbox plays them, and their credentials as the model asks for them. */
export interface Visitor {
  readonly name: string;
  readonly visit: Suspect['visit'];
  /** The credentials for each identity that the visitor may take at Access. */
  readonly holds: readonly ((credential: Credential) => boolean)[];
}

export function visitorsOf(view: EdgeView): readonly Visitor[] {
  const people = peopleOf(view);
  const suspects = suspectsAt(view, people, '', [ORDINARY_SITUATION], view.world.apps);
  const byName = new Map(people.map((person) => [person.principal, person]));
  // By their client id: a copy of a token has its name.
  const tokens = new Map(
    [...view.world.serviceTokens, view.world.strangerToken].map((token) => [token.clientId, token]),
  );
  const known = suspects.flatMap((suspect): readonly Visitor[] => {
    const { principal, visit } = suspect;
    const person = byName.get(principal);
    if (person !== undefined) return [{ name: principal, visit, holds: personHolds(view, person) }];
    const token = tokens.get(clientIdIn(visit));
    const machine: Visitor = { name: principal, visit, holds: [holdsOf(view, { token })] };
    if (token === undefined || isValid(view, token)) return [machine];
    // A token that has ended: its machine may have kept the JWT that it got earlier, or may have got none.
    const sessions = visit('', '/', NO_CLAIM).assertion?.claims?.aud ?? [];
    return [
      { ...machine, visit: (...request) => ({ ...visit(...request), assertion: null }) },
      {
        name: `${principal}, with a JWT`,
        visit: withCookie(visit),
        holds: [holdsOf(view, { token, sessions })],
      },
    ];
  });
  return [...known, ...bearersOf(view)];
}

/** The client id of the service token that a visitor sends; empty if none. */
function clientIdIn(visit: Suspect['visit']): string {
  const { headers } = visit('', '/', NO_CLAIM);
  return headers.find(([name]) => name === 'cf-access-client-id')?.[1] ?? '';
}

/** The visit of a machine that sends the JWT of an earlier visit as a cookie, as a browser would, and not its token. */
function withCookie(visit: Suspect['visit']): Suspect['visit'] {
  return (...request) => {
    const { headers, assertion, ...sent } = visit(...request);
    const claims = assertion?.claims ?? null;
    return {
      ...sent,
      ...{ assertion, sessions: claims === null ? [] : [{ ...assertion, claims }] },
      headers: headers.filter(([name]) => !name.startsWith('cf-access-client-')),
    };
  };
}

function isValid(view: EdgeView, { enabled, expiresAt }: ServiceToken): boolean {
  return enabled && !(expiresAt !== null && view.isReached(Date.parse(expiresAt)));
}

interface Held {
  readonly identity?: Identity;
  readonly account?: UserRow;
  readonly token?: ServiceToken | undefined;
  /** The audiences of earlier sessions. */
  readonly sessions?: readonly string[];
  readonly bearer?: Visit;
}

function personHolds(view: EdgeView, { email, user }: { email: string; user: UserRow }): Visitor['holds'] {
  const account = { ...user, email };
  const sessions = sessionsOf(view, email);
  // Any provider of the account; the model has to know which of them an application allows.
  const anyProvider = { id: 'any', settings: {} } as AccessApp;
  const identities = email === '' ? [] : identitiesOf(view, anyProvider, { email, user: account });
  const common = { account, sessions };
  return [holdsOf(view, common), ...identities.map((identity) => holdsOf(view, { ...common, identity }))];
}

/** The audiences of the person's sessions that nobody ended. */
function sessionsOf({ world, now }: EdgeView, email: string): readonly string[] {
  const revoked = new Map(
    world.apps.map(({ aud, revokedAt }) => [aud, revokedAt ?? Number.NEGATIVE_INFINITY]),
  );
  return world.sessions
    .filter((claims) => claims.email?.toLowerCase() === email.toLowerCase() && claims.exp * 1000 > now)
    .flatMap((claims) =>
      claims.aud.filter((aud) => begunAt(claims) > (revoked.get(aud) ?? Number.NEGATIVE_INFINITY)),
    );
}

function holdsOf(view: EdgeView, held: Held): (credential: Credential) => boolean {
  const { identity, account, token, sessions = [], bearer } = held;
  const { world } = view;
  const groups = new Set(account === undefined ? [] : groupsOf(world.authentik, account).map(({ pk }) => pk));
  const email = identity?.email.toLowerCase();
  return (credential) => {
    switch (credential.has) {
      case 'email':
        return email === credential.address;
      case 'email-domain':
        return email?.endsWith(`@${credential.domain}`) === true;
      case 'identity':
        return identity !== undefined;
      case 'login':
        return identity !== undefined && identity.provider === credential.provider;
      case 'claim':
        return identity?.provider === credential.provider && hasClaim(identity, credential);
      case 'network':
        return addressInside(VISITOR_IP, credential.range);
      case 'country':
        return VISITOR_COUNTRY === credential.code;
      case 'authentication-method':
      case 'posture':
      case 'approval':
      case 'certificate':
        return false;
      case 'service-token':
        return token?.id === credential.id;
      case 'any-service-token':
        return token !== undefined && isValid(view, token);
      case 'session':
        return sessions.includes(credential.audience);
      case 'account':
        return account !== undefined;
      case 'user':
        return String(account?.pk) === credential.id;
      case 'group':
        return groups.has(credential.id);
      case 'authentik-rule':
        return passesRule(world.authentik, credential.id);
      case 'bearer':
        return claimsOf(view, bearer, credential.configuration) !== null;
      case 'audience': {
        const audience = claimsOf(view, bearer, credential.configuration)?.aud;
        return [audience].flat().includes(credential.audience);
      }
    }
  };
}

/** True if everybody passes the flow or the policy with this id. */
function passesRule(state: AuthentikState, id: string): boolean {
  const policy = state.expressionPolicies.find(({ pk }) => pk === id);
  return policy === undefined ? passesFlow(state, id, []) : passesByName(state, `policy ${policy.name}`, []);
}

function hasClaim({ claims }: Identity, { name, value }: { name: string; value: string }): boolean {
  const said = claims !== null && Object.hasOwn(claims, name) ? claims[name] : undefined;
  return [said].flat().some((each) => each !== null && typeof each !== 'object' && String(each) === value);
}

function claimsOf(view: EdgeView, bearer: Visit | undefined, id: string) {
  if (bearer === undefined) return null;
  const configuration = view.world.tokenConfigurations?.find((each) => each.id === id);
  return configuration === undefined ? null : tokenFound(configuration, bearer, view.now).claims;
}

/** Machines with a token of a client of Authentik for its own audience, in the usual header. */
function bearersOf(view: EdgeView): readonly Visitor[] {
  const { authentik, zones } = view.world;
  if (zones.every((zone) => configurationsIn(view.world, zone).length === 0)) return [];
  return authentik.applications.flatMap(({ slug, provider: pk }): readonly Visitor[] => {
    const provider = authentik.providers.find((row) => row.pk === pk);
    if (provider === undefined || typeOf(provider) !== 'oauth2') return [];
    return [provider.client_id, 'another'].flatMap((aud): readonly Visitor[] => {
      const claims = { sub: 'machine', aud, exp: 4_102_444_800 };
      const text = signed(view.world, provider, claims);
      if (text === null) return [];
      const visit: Suspect['visit'] = (host, path, { headers, query }) => ({
        ...{ method: 'GET', host, path, query, body: null, sessions: [], assertion: null },
        headers: [['authorization', `Bearer ${text}`], ...headers],
        solvesChallenges: true,
      });
      const shown = visit('', '/', { headers: [], query: '' });
      return [{ name: `bearer of ${slug} for ${aud}`, visit, holds: [holdsOf(view, { bearer: shown })] }];
    });
  });
}

function signed(
  world: World,
  provider: Parameters<typeof signerOf>[1],
  claims: Parameters<typeof signJwt>[0],
): string | null {
  try {
    return signJwt(claims, signerOf(world.authentik, provider));
  } catch {
    return null;
  }
}
