import { personCalled } from '../../authentik/oidc/login.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import type { AccessApp, AccessClaims, Identity } from '../../state/world.ts';
import { begunAt, personClaims } from '../access/access-token.ts';
import { ORDINARY, type VisitContext } from '../view/circumstances.ts';
import { isContinuous, loginPolicy } from '../view/policy-decision.ts';
import type { EdgeView } from '../view/view.ts';
import { identitiesOf, type LoginBy } from './identity.ts';

/**
 * The result of a person's login at this application, by the first login method that works: the session's claims, or
 * null if no policy admits them. `user` is their account at Authentik, if they have one.
 */
export function login(
  view: EdgeView,
  app: AccessApp,
  email: string,
  user: UserRow | undefined = personCalled(view.world, email),
  { context = ORDINARY, by = {} }: { context?: VisitContext; by?: LoginBy } = {},
): AccessClaims | null {
  for (const identity of identitiesOf(view, app, { email, user, by })) {
    const claims = sessionOf(view, app, identity, context);
    if (claims !== null) return claims;
  }
  return null;
}

const LOCKOUT_MS = 60_000;

/**
 * "That user will not be able to log in again for up to 1 minute": whether the person had a session with the
 * application when it was revoked. Played only if revocations take time.
 */
export function isLockedOut({ world, now }: EdgeView, { aud, id }: AccessApp, email: string): boolean {
  const revokedAt = world.apps.find((app) => app.id === id)?.revokedAt ?? null;
  if (world.lag?.delays.revocations === undefined || revokedAt === null) return false;
  const isTheirs = (claims: AccessClaims) =>
    claims.email?.toLowerCase() === email.toLowerCase() && claims.aud.includes(aud);
  return (
    now < revokedAt + LOCKOUT_MS &&
    world.sessions.some((claims) => isTheirs(claims) && begunAt(claims) <= revokedAt)
  );
}

/** The session's claims for this identity; null if no policy admits it. */
export function sessionOf(
  view: EdgeView,
  app: AccessApp,
  identity: Identity,
  context: VisitContext,
): AccessClaims | null {
  const policies = view.policies(app);
  const policy = loginPolicy(policies, identity, context);
  if (policy === null) return null;
  const claims = personClaims(view.world, app, identity.email, policy.sessionDuration);
  const { claims: custom } = identity;
  const customClaims = custom !== null && Object.keys(custom).length > 0 ? { custom } : {};
  const judged = policies.filter(({ decision }) => decision === 'allow' || decision === 'deny');
  const admission = judged.some(isContinuous)
    ? {
        admission: judged.map(({ decision, include, exclude, require }) => ({
          ...{ decision, include, exclude, require },
        })),
      }
    : {};
  return { ...claims, ...customClaims, country: context.country, identity, ...admission };
}
