import type { AccessPolicyPart, Selector } from '../../core/objects/parts/access-parts.ts';

const ofIdentity: ReadonlySet<string> = new Set([
  ...['email', 'email_domain', 'email_list', 'login_method', 'oidc', 'saml', 'okta', 'azureAD', 'gsuite'],
  ...['github-organization', 'auth_method', 'auth_context', 'external_evaluation', 'user_risk_score'],
  'cloudflare_account_member',
]);

function nameOf(selector: Selector): string {
  return Object.keys(selector)[0] ?? '';
}

/** True for a selector about the person, who is unknown before the login. */
export function isOfIdentity(selector: Selector): boolean {
  return ofIdentity.has(nameOf(selector));
}

export function isOfToken(selector: Selector): boolean {
  return nameOf(selector).endsWith('service_token');
}

/**
 * True for what Access checks with each request, and not only at the login as `everyone`: a place, a device, a token, or a score of the
 * person. A group, or a selector that gates does not know, may be among it.
 */
export function isContinuous(selector: Selector): boolean {
  const name = nameOf(selector);
  return name === 'user_risk_score' || !(ofIdentity.has(name) || name === 'everyone');
}

/** True if Access checks every selector of a policy again with each request. */
export function isLookedAtAgain(policy: AccessPolicyPart): boolean {
  return selectorsOf(policy).every(isContinuous);
}

/** True if a policy looks at more than the login and a token, such as a network. */
export function looksAtPlace(policy: AccessPolicyPart): boolean {
  return selectorsOf(policy).some((selector) => isContinuous(selector) && !isOfToken(selector));
}

function selectorsOf({ include, require, exclude }: AccessPolicyPart): readonly Selector[] {
  return [...include, ...require, ...exclude];
}
