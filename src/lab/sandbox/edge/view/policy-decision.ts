import { addressInside } from '../../expressions/address-range.ts';
import { isObject } from '../../state/json.ts';
import type { AccessGroup, AccessPolicy, Identity, JsonObject, ServiceToken } from '../../state/world.ts';
import { ORDINARY, type VisitContext } from './circumstances.ts';

/** A visitor: an unknown person, a person who logged in, or the holder of a service token. */
export interface Principal {
  identity?: Identity;
  token?: ServiceToken;
  /** Absent for an ordinary visitor. */
  context?: VisitContext;
}

/** The policy that admits a person at login, or null: the first match of Allow and Block decides, default deny. */
export function loginPolicy<Policy extends LoginRules>(
  policies: readonly Policy[],
  identity: Identity,
  context: VisitContext = ORDINARY,
): Policy | null {
  for (const policy of policies) {
    if (policy.decision !== 'allow' && policy.decision !== 'deny') continue;
    if (policyMatches(policy, { identity, context })) return policy.decision === 'allow' ? policy : null;
  }
  return null;
}

export function policyMatches(policy: Rules, principal: Principal): boolean {
  return rulesMatch(policy, principal, true);
}

type Rules = Pick<AccessPolicy, 'include' | 'exclude' | 'require'>;

/** The members of a policy that decide about a login. */
export type LoginRules = Pick<AccessPolicy, 'decision' | 'include' | 'exclude' | 'require'>;

/** The selectors that Access judges again with every request of a session (Cloudflare's page on policies). */
const CONTINUOUS = ['ip', 'ip_list', 'geo', 'device_posture', 'certificate', 'common_name'];

/** True if Access judges some rule again with every request. */
export function isContinuous({ include, exclude, require }: Rules): boolean {
  return [...include, ...exclude, ...require].some((rule) =>
    Object.entries(rule).some(
      ([selector, value]) => CONTINUOUS.includes(selector) || (isRules(value) && isContinuous(value)),
    ),
  );
}

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
  const { context = ORDINARY } = principal;
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
      return addressInside(context.ip, field('ip'));
    case 'geo':
      return context.country.toLowerCase() === field('country_code');
    case 'device_posture':
      return context.passed.has(textOf(value, 'integration_uid'));
    case 'certificate':
      return context.certificate !== null;
    case 'common_name':
      return context.certificate?.commonName === textOf(value, 'common_name');
    case 'auth_method':
      return (
        principal.identity !== undefined &&
        (principal.identity.amr?.includes(field('auth_method')) ?? unknown)
      );
    case 'group':
      return isRules(value) ? rulesMatch(value, principal, unknown) : unknown;
    default:
      return unknown;
  }
}

function isRules(value: unknown): value is Rules {
  return isObject(value) && 'include' in value;
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
