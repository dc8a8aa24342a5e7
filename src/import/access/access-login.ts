import type { AccessPolicySpec, AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { slugOfAccess } from '../../config/model/slug.ts';
import { groupsClaim } from '../../core/groups-claim.ts';
import type { LiveObjects } from '../terms/live-objects.ts';

/** The key of the account's one-time PIN. */
const oneTimePin = 'onetimepin';

/**
 * The id of the identity provider by which Access logs people in through Authentik, if it is ours. No API shows the secret of its
 * client, so gates cannot take over the one of somebody else.
 */
export function ownLogin(live: LiveObjects): string | undefined {
  const { owner } = live.scope;
  return live
    .of('cloudflare/access-identity-provider')
    .find((each) => each.owner === owner && each.address.key === slugOfAccess(owner))?.id;
}

/** The group of Authentik that a rule names by our login; undefined for every other rule. */
export function groupIn({ oidc }: AccessRule, live: LiveObjects): string | undefined {
  const id = live.once(ownLogin);
  const isOurs = id !== undefined && oidc?.identity_provider_id === id && oidc.claim_name === groupsClaim;
  return isOurs ? oidc.claim_value : undefined;
}

/** True for the condition that a person has logged in by our login, which every policy of people has beside it. */
export function isOwnLogin({ login_method: login }: AccessRule, live: LiveObjects): boolean {
  const id = live.once(ownLogin);
  return id !== undefined && login?.id === id;
}

/** True for the policy of emergency access: some addresses, if they log in with a one-time PIN. */
export function isBreakGlass(policy: AccessPolicySpec, live: LiveObjects): boolean {
  return live.once(ownLogin) !== undefined && emergencyEmails(policy, live) !== undefined;
}

/** The addresses that have emergency access at every host; undefined if there are none, or not everywhere the same. */
export function breakGlassEmails(live: LiveObjects): readonly string[] | undefined {
  const lists = live.of('cloudflare/access-policy').flatMap(({ spec }) => {
    const emails = isBreakGlass(spec, live) ? emergencyEmails(spec, live) : undefined;
    return emails === undefined ? [] : [[...emails].sort()];
  });
  const [first] = lists;
  return lists.every((each) => each.join() === first?.join()) ? first : undefined;
}

function emergencyEmails(
  { decision, include, require, exclude, approval, justification, isolate }: AccessPolicySpec,
  live: LiveObjects,
): readonly string[] | undefined {
  const pin = live
    .of('cloudflare/access-identity-provider')
    .find(({ address }) => address.key === oneTimePin);
  const [only, ...others] = require;
  if ((approval ?? justification ?? isolate) !== undefined) return undefined;
  if (decision !== 'allow' || others.length + exclude.length > 0 || pin === undefined) return undefined;
  if (only?.login_method?.id !== pin.id) return undefined;
  const emails = include.flatMap(({ email }) => email?.email ?? []);
  return emails.length === include.length ? emails : undefined;
}
