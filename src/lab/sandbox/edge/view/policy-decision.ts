import { addressInside } from '../../expressions/address-range.ts';
import type { AccessGroup, AccessPolicy, Identity, JsonObject, ServiceToken } from '../../state/world.ts';

/** The address of every visitor of the sandbox (TEST-NET-3). */
export const VISITOR_IP = '203.0.113.7';
export const VISITOR_COUNTRY = 'FR';

/** A visitor: an unknown person, a person who logged in, or the holder of a service token. */
export interface Principal {
  identity?: Identity;
  token?: ServiceToken;
}

/** The policy that admits a person at login, or null: the first match of Allow and Block decides, default deny. */
export function loginPolicy(policies: readonly AccessPolicy[], identity: Identity): AccessPolicy | null {
  for (const policy of policies) {
    if (policy.decision !== 'allow' && policy.decision !== 'deny') continue;
    if (policyMatches(policy, { identity })) return policy.decision === 'allow' ? policy : null;
  }
  return null;
}

export function policyMatches(policy: AccessPolicy, principal: Principal): boolean {
  return rulesMatch(policy, principal, true);
}

type Rules = Pick<AccessPolicy, 'include' | 'exclude' | 'require'>;

/** True if one of include, all of require and none of exclude match; `unknown` is the result of unknown selectors. */
function rulesMatch({ include, exclude, require }: Rules, principal: Principal, unknown: boolean): boolean {
  return (
    include.some((rule) => ruleMatches(rule, principal, unknown)) &&
    require.every((rule) => ruleMatches(rule, principal, unknown)) &&
    !exclude.some((rule) => ruleMatches(rule, principal, !unknown))
  );
}

/** The rules, in which each group's rules replace its id; an unknown group keeps it. */
export function withGroups<Given extends Rules>(given: Given, groups: readonly AccessGroup[]): Given {
  if (groups.length === 0) return given;
  const expanded = (rules: JsonObject[]) => rules.map((rule) => expandedRule(rule, groups));
  const { include, exclude, require } = given;
  return {
    ...given,
    include: expanded(include),
    exclude: expanded(exclude),
    require: expanded(require),
  };
}

function expandedRule(rule: JsonObject, groups: readonly AccessGroup[]): JsonObject {
  const id = textOf(rule.group, 'id');
  const group = groups.find((each) => each.id === id);
  if (group === undefined) return rule;
  // No group contains itself, so none occurs twice on the way down.
  const others = groups.filter((each) => each !== group);
  const { include, exclude, require } = withGroups(group, others);
  return { group: { include, exclude, require } };
}

/**
 * True if one selector matches. For a selector that the sandbox does not know, `unknown` is the answer that admits more
 * people, so that no gate looks tighter here than it is.
 */
function ruleMatches(rule: JsonObject, principal: Principal, unknown: boolean): boolean {
  const [selector, value] = Object.entries(rule)[0] ?? ['', null];
  const field = (name: string) => textOf(value, name).toLowerCase();
  const email = principal.identity?.email.toLowerCase();
  switch (selector) {
    case 'everyone':
      return true;
    case 'email':
      return email !== undefined && email === field('email');
    case 'email_domain':
      return email?.endsWith(`@${field('domain')}`) ?? false;
    case 'service_token':
      return principal.token !== undefined && principal.token.id === field('token_id');
    case 'any_valid_service_token':
      return principal.token !== undefined;
    case 'login_method':
      return principal.identity !== undefined && principal.identity.provider === textOf(value, 'id');
    case 'oidc':
      return principal.identity !== undefined && claimMatches(principal.identity, value, unknown);
    case 'ip':
      return addressInside(VISITOR_IP, field('ip'));
    case 'group':
      return isRules(value) ? rulesMatch(value, principal, unknown) : unknown;
    default:
      return unknown;
  }
}

function isRules(value: unknown): value is Rules {
  return typeof value === 'object' && value !== null && 'include' in value;
}

/**
 * True if a claim, or one value of its list, equals the text exactly. A claim that was not sent never matches;
 * `unknown` is the answer if the provider's claims are unknown.
 */
function claimMatches({ provider, claims }: Identity, rule: unknown, unknown: boolean): boolean {
  if (provider !== textOf(rule, 'identity_provider_id')) return false;
  if (claims === null) return unknown;
  const name = textOf(rule, 'claim_name');
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return [claim].flat().some((value) => isScalar(value) && String(value) === textOf(rule, 'claim_value'));
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function textOf(value: unknown, name: string): string {
  const field = (value as Record<string, unknown> | null)?.[name];
  return typeof field === 'string' ? field : '';
}
