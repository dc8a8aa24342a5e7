import { isDeepStrictEqual } from 'node:util';
import { isRange } from '../../expressions/address-range.ts';
import { type FieldTable, fieldMistake, isStringArray, oneOf, text, webAddress } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { AccessGroup, JsonObject, World } from '../../state/world.ts';
import { invalidAccessRequest } from '../api/reply.ts';

const email = {
  says: 'must be an e-mail address',
  holds: (value: unknown) => typeof value === 'string' && /^[^@\s]+@[^@\s]+$/.test(value),
};
const country = {
  says: 'must be a country code',
  holds: (value: unknown) => typeof value === 'string' && /^[A-Z0-9]{2}$/.test(value),
};
const address = {
  says: 'must be an IP address or range',
  holds: (value: unknown) => typeof value === 'string' && isRange(value),
};
const filled = {
  says: 'must not be empty',
  holds: (value: unknown) => typeof value === 'string' && value !== '',
};
/** The values of RFC 8176 §2. */
const method = oneOf(
  ...['face', 'fpt', 'geo', 'hwk', 'iris', 'kba', 'mca', 'mfa', 'otp', 'pin', 'pwd', 'rba', 'retina', 'sc'],
  ...['sms', 'swk', 'tel', 'user', 'vbm', 'wia'],
);
const RISKS = ['low', 'medium', 'high', 'unscored'];
const risks = {
  says: `must be a list of ${RISKS.join(', ')}`,
  holds: (value: unknown) =>
    isStringArray(value) && value.length > 0 && value.every((each) => RISKS.includes(each)),
};

/** The content of a rule: all of `required`, and no other fields. */
interface Selector {
  required: FieldTable;
  optional?: FieldTable;
  /** True if the rule can only be judged after a login. */
  identity: boolean;
}

const needs = (required: FieldTable, identity: boolean): Selector => ({ required, identity });

/** Every rule of facts §3.2, by its only key. */
const SELECTORS: { readonly [key: string]: Selector } = {
  email: needs({ email }, true),
  email_domain: needs({ domain: filled }, true),
  email_list: needs({ id: text }, true),
  everyone: needs({}, false),
  ip: needs({ ip: address }, false),
  ip_list: needs({ id: text }, false),
  geo: needs({ country_code: country }, false),
  group: needs({ id: text }, true),
  login_method: needs({ id: text }, true),
  service_token: needs({ token_id: text }, false),
  any_valid_service_token: needs({}, false),
  certificate: needs({}, false),
  common_name: needs({ common_name: filled }, false),
  azureAD: needs({ id: text, identity_provider_id: text }, true),
  'github-organization': {
    required: { identity_provider_id: text, name: text },
    optional: { team: text },
    identity: true,
  },
  gsuite: needs({ email, identity_provider_id: text }, true),
  okta: needs({ name: text, identity_provider_id: text }, true),
  saml: needs({ attribute_name: text, attribute_value: text, identity_provider_id: text }, true),
  oidc: needs({ claim_name: text, claim_value: text, identity_provider_id: text }, true),
  auth_method: needs({ auth_method: method }, true),
  auth_context: needs({ id: text, ac_id: text, identity_provider_id: text }, true),
  cloudflare_account_member: { required: {}, optional: { account_id: text }, identity: true },
  linked_app_token: needs({ app_uid: text }, false),
  user_risk_score: needs({ user_risk_score: risks }, true),
  external_evaluation: needs({ evaluate_url: webAddress, keys_url: webAddress }, true),
  device_posture: needs({ integration_uid: text }, false),
};

/** The selectors that only a decision of `non_identity` may use; the second sort may also bypass. */
const TOKEN_SELECTORS = ['service_token', 'any_valid_service_token'];

const ANY_TOKEN_SELECTORS = ['linked_app_token'];

/**
 * Rules in the API's form, or the refusal; a group's rules have no `decision` yet. References must exist: service
 * tokens by their `id` (never the client id), identity providers, groups. Lists do not exist, except those that a rule
 * of a copy already names, as it may name groups.
 */
export function accessRules(
  world: World,
  value: unknown,
  decision: string | null,
  field: string,
): JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidAccessRequest(`${field} must be an array`);
  return value.map((rule) => accessRule(world, rule, decision));
}

function accessRule(world: World, rule: unknown, decision: string | null): JsonObject {
  const [key, inner] = isObject(rule) ? (Object.entries(rule)[0] ?? ['', null]) : ['', null];
  const selector = Object.hasOwn(SELECTORS, key) ? SELECTORS[key] : undefined;
  if (!isObject(rule) || Object.keys(rule).length !== 1 || selector === undefined || !isObject(inner)) {
    throw invalidAccessRequest('a rule must be an object with exactly one known selector');
  }
  const missing = Object.keys(selector.required).find((name) => !Object.hasOwn(inner, name));
  const mistake =
    missing === undefined
      ? fieldMistake(inner, { ...selector.required, ...selector.optional })
      : `'${missing}' is missing`;
  if (mistake !== null) throw invalidAccessRequest(`invalid ${key} rule: ${mistake}`);
  refuseDangling(world, key, inner);
  if (decision !== null) refuseMisplaced(world, rule, decision);
  return { [key]: key === 'ip' ? { ip: asRange(String(inner.ip)) } : inner };
}

/** Refuses a group where one of its rules would be refused. */
function refuseMisplaced(world: World, rule: JsonObject, decision: string): void {
  const [key = '', inner] = Object.entries(rule)[0] ?? [];
  const group = key === 'group' && isObject(inner) ? groupCalled(world, inner.id) : undefined;
  if (group !== undefined) {
    for (const each of [...group.include, ...group.exclude, ...group.require])
      refuseMisplaced(world, each, decision);
    return;
  }
  if (TOKEN_SELECTORS.includes(key) && decision !== 'non_identity') {
    throw invalidAccessRequest(`${key} can only be used with the decision non_identity`);
  }
  if (ANY_TOKEN_SELECTORS.includes(key) && decision !== 'non_identity' && decision !== 'bypass') {
    throw invalidAccessRequest(`${key} can only be used with the decisions non_identity and bypass`);
  }
  if (SELECTORS[key]?.identity === true && (decision === 'bypass' || decision === 'non_identity')) {
    throw invalidAccessRequest(`${key} needs an identity and cannot be used with the decision ${decision}`);
  }
}

/** Rules about one sort of identity provider, with the type that the provider must have. */
export const PROVIDER_TYPES: { readonly [selector: string]: string } = {
  auth_context: 'azureAD',
  azureAD: 'azureAD',
  'github-organization': 'github',
  gsuite: 'google-apps',
  oidc: 'oidc',
  okta: 'okta',
  saml: 'saml',
};

const REFERENCES_TO_NOTHING = ['email_list', 'ip_list', 'group'];

function groupCalled(world: World, id: unknown): AccessGroup | undefined {
  return world.accessGroups?.find((group) => group.id === id);
}

function refuseDangling(world: World, key: string, inner: JsonObject): void {
  const tokenMissing =
    key === 'service_token' && !world.serviceTokens.some((token) => token.id === inner.token_id);
  const provider = key === 'login_method' ? inner.id : inner.identity_provider_id;
  const known = world.identityProviders.find(({ id }) => id === provider);
  const providerMissing = provider !== undefined && known === undefined;
  const isGroup = key === 'group' && groupCalled(world, inner.id) !== undefined;
  const nothing = REFERENCES_TO_NOTHING.includes(key) && !isGroup && !isNamed(world, key, inner);
  const checkMissing =
    key === 'device_posture' && !(world.postureRules ?? []).some(({ id }) => id === inner.integration_uid);
  if (tokenMissing || providerMissing || nothing || (checkMissing && !isNamed(world, key, inner))) {
    throw invalidAccessRequest(`${key} refers to something that does not exist`);
  }
  const wanted = Object.hasOwn(PROVIDER_TYPES, key) ? PROVIDER_TYPES[key] : undefined;
  if (wanted !== undefined && known !== undefined && known.type !== wanted) {
    throw invalidAccessRequest(`${key} needs an identity provider of type ${wanted}`);
  }
}

/** True if some policy has the same rule, although the object does not exist, which is only possible in a copy. */
function isNamed(world: World, key: string, given: JsonObject): boolean {
  return world.policies.some((policy) =>
    [...policy.include, ...policy.exclude, ...policy.require].some((rule) => {
      const inner = rule[key];
      return isObject(inner) && isDeepStrictEqual(inner, given);
    }),
  );
}

/** The address as it is stored: a single one as a range of one. */
function asRange(ip: string): string {
  if (ip.includes('/')) return ip;
  return ip.includes(':') ? `${ip}/128` : `${ip}/32`;
}

/** True if any of these rules refers to the service token. */
export function namesToken(rules: readonly JsonObject[], tokenId: string): boolean {
  return rules.some((rule) => isObject(rule.service_token) && rule.service_token.token_id === tokenId);
}

/** True if any of these rules refers to the identity provider. */
export function namesProvider(rules: readonly JsonObject[], id: string): boolean {
  return rules.some((rule) =>
    Object.entries(rule).some(
      ([key, inner]) =>
        isObject(inner) && (key === 'login_method' ? inner.id : inner.identity_provider_id) === id,
    ),
  );
}
