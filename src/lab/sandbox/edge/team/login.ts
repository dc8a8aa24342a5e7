import { personCalled } from '../../authentik/oidc/login.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import type { AccessApp, AccessClaims, AccessPolicy, Identity } from '../../state/world.ts';
import { begunAt, personClaims } from '../access/access-token.ts';
import { ORDINARY, type VisitContext } from '../view/circumstances.ts';
import { isContinuous, loginPolicy } from '../view/policy-decision.ts';
import type { EdgeView } from '../view/view.ts';
import { approvedUntil, needsApproval } from './approval.ts';
import { identitiesOf, type LoginBy } from './identity.ts';

/** The end of a login: a session, a refusal by the policies, or a page that asks for more. */
export type Entry =
  | { kind: 'session'; claims: AccessClaims }
  | { kind: 'refused' }
  | { kind: 'incomplete'; missing: 'justification' | 'approval' };

/** The things that a person can show between the login and the session. */
export interface EntryAnswers {
  /** Their reason, which may be missing; absent: they have one wherever Access asks. */
  justification?: string;
  /** True if enough approvers approve them, whoever they are; absent: only the recorded approvals count. */
  approved?: boolean;
}

/** A login apart from the address: the place and the device, the way to log in, and what follows the login. */
export interface LoginCircumstances extends EntryAnswers {
  context?: VisitContext;
  by?: LoginBy;
}

/**
 * The result of a person's login at this application, by the first login method that works: the session's claims, or
 * null if no policy admits them. `user` is their account at Authentik, if they have one.
 */
export function login(
  view: EdgeView,
  app: AccessApp,
  email: string,
  user?: UserRow,
  circumstances: LoginCircumstances = {},
): AccessClaims | null {
  const entry = enteringAt(view, app, email, user, circumstances);
  return entry.kind === 'session' ? entry.claims : null;
}

/** Like `login`; without a session, the end of the login that came furthest. */
export function enteringAt(
  view: EdgeView,
  app: AccessApp,
  email: string,
  user: UserRow | undefined = personCalled(view.world, email),
  { context = ORDINARY, by = {}, ...answers }: LoginCircumstances = {},
): Entry {
  let last: Entry = { kind: 'refused' };
  for (const identity of identitiesOf(view, app, { email, user, by })) {
    const entry = entryOf(view, app, identity, context, answers);
    if (entry.kind === 'session') return entry;
    if (entry.kind === 'incomplete') last = entry;
  }
  return last;
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

/** The session for this identity, or the part that stops it. The first policy that matches decides, also by its pages. */
export function entryOf(
  view: EdgeView,
  app: AccessApp,
  identity: Identity,
  context: VisitContext,
  answers: EntryAnswers,
): Entry {
  const policies = view.policies(app);
  const policy = loginPolicy(policies, identity, context);
  if (policy === null) return { kind: 'refused' };
  if (policy.settings.purpose_justification_required === true && answers.justification?.trim() === '') {
    return { kind: 'incomplete', missing: 'justification' };
  }
  const approval = needsApproval(policy) ? approvalOf(view, app, policy, identity.email, answers) : undefined;
  if (approval === null) return { kind: 'incomplete', missing: 'approval' };
  const claims = personClaims(view.world, app, identity.email, policy.sessionDuration, view.beginning(app));
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
  const session = { ...claims, ...customClaims, country: context.country, identity, ...admission };
  if (approval === undefined) return { kind: 'session', claims: session };
  const exp = Math.min(session.exp, Math.floor(approval / 1000));
  return { kind: 'session', claims: { ...session, exp, approved: true } };
}

/** The moment (epoch ms) at which the approval of this person ends; null if they have none. */
function approvalOf(
  { world }: EdgeView,
  app: AccessApp,
  policy: AccessPolicy,
  email: string,
  { approved }: EntryAnswers,
): number | null {
  if (approved === undefined) return approvedUntil(world, app, policy, email);
  return approved ? Number.MAX_SAFE_INTEGER : null;
}
