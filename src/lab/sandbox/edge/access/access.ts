import { organizationSetting } from '../../cloudflare/access/access-organization.ts';
import type { AccessApp, AccessClaims, ServiceToken, World } from '../../state/world.ts';
import { contextAt, type VisitContext } from '../view/circumstances.ts';
import { loginPolicy, policyMatches } from '../view/policy-decision.ts';
import type { EdgeView } from '../view/view.ts';
import { type Assertion, answer, headerValues, type Verdict, type Visit } from '../view/visit.ts';
import { begunAt, tokenClaims } from './access-token.ts';
import { isPreflight, preflightAnswer } from './cors.ts';
import { denyUnmatched } from './require-access.ts';

/** The decision of Access about a visit. */
export type Passage =
  /** No application covers the door, or the application bypasses: Access adds and removes nothing. */
  | { kind: 'open' }
  | { kind: 'admitted'; assertion: Assertion; token?: ServiceToken }
  | { kind: 'stopped'; verdict: Verdict };

type Presented = { kind: 'none' } | { kind: 'malformed' } | { kind: 'pair'; id: string; secret: string };

/**
 * Decides by Bypass and Service Auth in order of precedence, then by the session, then refuses as the application does:
 * with the login page if a person could get in, else 401 or 403. If service tokens are strict, as in organizations
 * since October 2026, a wrong one gets 401, and a valid one that is not allowed gets 403; else they count as none.
 */
export function passAccess(view: EdgeView, visit: Visit): Passage {
  const door = view.guardingDoor(visit.host, visit.path);
  if (!door) {
    const denied = denyUnmatched(view, visit);
    return denied === null ? { kind: 'open' } : { kind: 'stopped', verdict: denied };
  }
  const { app } = door;
  if (app.settings.options_preflight_bypass === true && isPreflight(visit)) return { kind: 'open' };
  const preflight = preflightAnswer(app, visit);
  if (preflight !== null) return { kind: 'stopped', verdict: preflight };

  const presented = presentedToken(app, visit);
  const token = presented.kind === 'pair' ? validToken(view, presented.id, presented.secret) : undefined;
  const context = contextAt(view.world, visit.host, visit.from);
  for (const policy of view.policies(app)) {
    if (policy.decision === 'bypass' && policyMatches(policy, { context })) return { kind: 'open' };
    if (
      policy.decision === 'non_identity' &&
      policyMatches(policy, token ? { token, context } : { context })
    ) {
      return admittedByServiceAuth(view, app, token, context);
    }
  }
  if (presented.kind !== 'none' && isStrict(view.world)) return stopped(token ? 403 : 401, app, visit);

  const session = visit.sessions.find(
    ({ claims }) => isLive(app, claims) && isStillWelcome(view, app, claims, context),
  );
  if (session) return { kind: 'admitted', assertion: session };
  return refusal(view, app, visit);
}

/** A Service Auth policy may match without a token (an address, say); the origin gets claims nevertheless. */
function admittedByServiceAuth(
  view: EdgeView,
  app: AccessApp,
  token: ServiceToken | undefined,
  { country }: VisitContext,
): Passage {
  return {
    kind: 'admitted',
    assertion: { claims: { ...tokenClaims(view.world, app, token, view.beginning(app)), country } },
    ...(token ? { token } : {}),
  };
}

function isStrict(world: World): boolean {
  return organizationSetting(world, 'strict_service_token_auth') !== false;
}

function isLive(app: AccessApp, claims: AccessClaims): boolean {
  return claims.aud.includes(app.aud) && (app.revokedAt === null || begunAt(claims) > app.revokedAt);
}

/**
 * True if the policies by which a session began still admit the visitor here and now, or the present ones do: Access
 * judges place and device with every request, but the identity only at the login.
 */
function isStillWelcome(
  view: EdgeView,
  app: AccessApp,
  { admission, identity }: AccessClaims,
  context: VisitContext,
): boolean {
  if (admission === undefined || identity === undefined) return true;
  return (
    loginPolicy(admission, identity, context) !== null ||
    loginPolicy(view.policies(app), identity, context) !== null
  );
}

function refusal(view: EdgeView, app: AccessApp, visit: Visit): Passage {
  const asksIdentity = view.policies(app).some((policy) => policy.decision === 'allow');
  if (!asksIdentity) return stopped(app.settings.service_auth_401_redirect === true ? 401 : 403, app, visit);
  if (headerValues(visit, 'x-requested-with').includes('XMLHttpRequest')) return stopped(401, app, visit);
  const returnTo = visit.path + visit.query;
  return { kind: 'stopped', verdict: { kind: 'login', host: visit.host, aud: app.aud, returnTo } };
}

function stopped(status: 401 | 403, app: AccessApp, visit: Visit): Passage {
  const headers = {
    'content-type': 'text/html',
    'cf-access-aud': app.aud,
    'cf-access-domain': visit.host,
    'cache-control': 'private, max-age=0, no-store, no-cache, must-revalidate',
  };
  const body = `<html><head><title>${status === 401 ? 'Unauthorized' : 'Forbidden'}</title></head></html>\n`;
  return { kind: 'stopped', verdict: answer('access', status, body, headers) };
}

/** The presented token. Incomplete or repeated headers are refused, since they are ambiguous. */
function presentedToken(app: AccessApp, visit: Visit): Presented {
  const ids = headerValues(visit, 'cf-access-client-id');
  const secrets = headerValues(visit, 'cf-access-client-secret');
  if (ids.length === 1 && secrets.length === 1) {
    return { kind: 'pair', id: ids[0] ?? '', secret: secrets[0] ?? '' };
  }
  if (ids.length > 0 || secrets.length > 0) return { kind: 'malformed' };
  const header = app.settings.read_service_tokens_from_header;
  if (typeof header !== 'string' || header === '') return { kind: 'none' };
  const [single, ...more] = headerValues(visit, header.toLowerCase());
  if (single === undefined) return { kind: 'none' };
  return more.length > 0 ? { kind: 'malformed' } : pairFromJson(single);
}

/** The pair in a JSON header; any other content may be a credential for the application itself. */
function pairFromJson(text: string): Presented {
  try {
    const value: unknown = JSON.parse(text);
    const fields = value as Record<string, unknown> | null;
    const id = fields?.['cf-access-client-id'];
    const secret = fields?.['cf-access-client-secret'];
    if (typeof id !== 'string' || typeof secret !== 'string') return { kind: 'malformed' };
    return { kind: 'pair', id, secret };
  } catch {
    return { kind: 'none' };
  }
}

/** The token that this pair opens now: enabled, not expired, with its secret or the previous one during the overlap. */
function validToken(view: EdgeView, clientId: string, secret: string): ServiceToken | undefined {
  const { serviceTokens, strangerToken } = view.world;
  const token =
    serviceTokens.find((candidate) => candidate.clientId === clientId) ??
    (strangerToken.clientId === clientId ? strangerToken : undefined);
  if (!token?.enabled || isOver(view, token.expiresAt)) return undefined;
  if (token.secret === secret) return token;
  const { previous } = token;
  return previous?.secret === secret && !isOver(view, previous.expiresAt) ? token : undefined;
}

function isOver(view: EdgeView, expiresAt: string | null): boolean {
  return expiresAt !== null && view.isReached(Date.parse(expiresAt));
}
