import { needsApproval } from '../edge/team/approval.ts';
import { login } from '../edge/team/login.ts';
import { contextAt, type VisitContext } from '../edge/view/circumstances.ts';
import { loginPolicy } from '../edge/view/policy-decision.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { AccessApp, AccessClaims } from '../state/world.ts';
import type { Person } from './admission.ts';
import type { Situation } from './situation.ts';

/** A situation at a host. */
export interface Scene {
  host: string;
  situation: Situation;
  /** The places where people may have logged in: place and device may have changed since. */
  contexts: readonly VisitContext[];
  /** These places and the way to log in, as text. */
  login: string;
  /** The applications whose sessions and tokens some part on the way to the host can accept. */
  apps: readonly AccessApp[];
}

/** The session that the person gets at an application from somewhere: all such sessions are equal. */
export function begunSession(
  view: EdgeView,
  app: AccessApp,
  person: Person,
  { contexts, login: key, situation: { by = {}, approved } }: Scene,
): AccessClaims | null {
  const { email } = person;
  return view.answers.ask(['begunSession', app, person, key], () => {
    // A person without an account at Authentik gets one in no group, with their own address.
    const account = view.answers.ask(['account', person], () => ({ ...person.user, email }));
    for (const context of contexts) {
      const claims = login(view, app, email, account, { context, by, approved: approved === true });
      if (claims !== null) return claims;
    }
    return null;
  });
}

/** The valid sessions of a person that began earlier, by the way of the situation, and that no login would begin now. */
export function heldSessions(view: EdgeView, { email }: Person, { host, situation }: Scene): AccessClaims[] {
  return view.world.sessions.filter(
    (claims) =>
      claims.email?.toLowerCase() === email.toLowerCase() &&
      !view.isReached(claims.exp * 1000) &&
      claims.once !== 'used' &&
      isBegunBy(claims, situation) &&
      !isStillAdmitted(view, claims, contextAt(view.world, host, situation.from)),
  );
}

/** True if a session may have begun by the situation's way to log in, and with its approval. */
function isBegunBy({ identity, approved }: AccessClaims, { by, approved: isApproved }: Situation): boolean {
  if (approved === true && isApproved !== true) return false;
  if (by === undefined || identity === undefined) return true;
  const methods = new Set(by.amr);
  const isSame =
    identity.amr === undefined ||
    (identity.amr.length === methods.size && identity.amr.every((each) => methods.has(each)));
  return identity.provider === by.provider && isSame;
}

/**
 * True if the policies still admit the person, by their provider's answer at the login. Until the session ends, nobody
 * asks the provider for changes, and the policies are not to blame for those.
 */
function isStillAdmitted(view: EdgeView, claims: AccessClaims, context: VisitContext): boolean {
  const { aud, identity, approved } = claims;
  const app = view.world.apps.find((candidate) => aud.includes(candidate.aud));
  if (app === undefined || identity?.claims == null) return false;
  const policy = loginPolicy(view.policies(app), identity, context);
  if (policy === null || (needsApproval(policy) && approved !== true)) return false;
  return Object.keys(identity.claims).length > 0;
}
