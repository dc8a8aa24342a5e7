import { personCalled } from '../authentik/oidc/login.ts';
import type { UserRow } from '../authentik/state.ts';
import type { AccessApp, AccessClaims, Identity } from '../world.ts';
import { personClaims } from './access-token.ts';
import { identitiesOf } from './identity.ts';
import { loginPolicy } from './policy-decision.ts';
import type { EdgeView } from './view.ts';

/**
 * What a person's login at this application gives, by the first of its login methods that leads anywhere: the session's
 * claims, or null when no policy admits them. `user` is their account at Authentik, if they have one.
 */
export function login(
  view: EdgeView,
  app: AccessApp,
  email: string,
  user: UserRow | undefined = personCalled(view.world, email),
): AccessClaims | null {
  for (const identity of identitiesOf(view, app, { email, user })) {
    const claims = sessionOf(view, app, identity);
    if (claims !== null) return claims;
  }
  return null;
}

/** The session's claims for whom their identity provider told of, or null when no policy admits them. */
export function sessionOf(view: EdgeView, app: AccessApp, identity: Identity): AccessClaims | null {
  const policy = loginPolicy(view.policies(app), identity);
  if (policy === null) return null;
  const claims = personClaims(view.world, app, identity.email, policy.sessionDuration);
  const { claims: custom } = identity;
  const told = custom !== null && Object.keys(custom).length > 0 ? { custom } : {};
  return { ...claims, ...told, identity };
}
