import type { AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { postureCheckOfType } from '../../../reconcilers/cloudflare/account/posture-check.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { groupIn } from './access-login.ts';

/** One rule of a list of an Access policy, as the file says it: a key of a gate, and a value of that key. */
export interface AccessTerm {
  readonly key: AccessKey;
  readonly value: string;
}

export type AccessKey =
  | 'emails'
  | 'domains'
  | 'groups'
  | 'everyone'
  | 'tokens'
  | 'networks'
  | 'countries'
  | 'identityProviders'
  | 'authenticationMethod'
  | 'devicePosture'
  | 'warp'
  | 'gateway'
  | 'certificate'
  | 'commonNames';

/** The keys that say who passes; all others are conditions. */
const naming: ReadonlySet<AccessKey> = new Set(['emails', 'domains', 'groups', 'everyone', 'tokens']);

export function isNaming({ key }: AccessTerm): boolean {
  return naming.has(key);
}

/** EntryNames of the file for the service tokens, by id; and the ids of tokens that have no name yet get one. */
export interface TokenNames {
  of(id: string): string;
}

/** Selectors whose only field is the value, with their keys in the file. docs/access.md has the table. */
const plainKeys: Readonly<Record<string, readonly [field: string, key: AccessKey]>> = {
  email: ['email', 'emails'],
  email_domain: ['domain', 'domains'],
  ip: ['ip', 'networks'],
  geo: ['country_code', 'countries'],
  auth_method: ['auth_method', 'authenticationMethod'],
  common_name: ['common_name', 'commonNames'],
};

/** Selectors that the file does not have, in words; docs/access.md says why. */
const unsupported: Readonly<Record<string, string>> = {
  any_valid_service_token: 'any valid service token',
  group: 'a rule group of Access (write its people below `people`)',
  email_list: 'a list of addresses (write the addresses in the file)',
  ip_list: 'a list of networks (write them below `networks`)',
  oidc: 'a claim of an identity provider',
};

/**
 * The term of a rule.
 * @throws Inexpressible for a rule that the file does not have.
 */
export function termOf(rule: AccessRule, live: LiveObjects, tokens: TokenNames): AccessTerm {
  const [[selector, fields = {}] = ['', {}], ...others] = Object.entries(rule);
  if (others.length > 0) throw new Inexpressible('a policy has a rule with several selectors');
  const group = groupIn(rule, live);
  if (group !== undefined) return { key: 'groups', value: group };
  const plain = plainKeys[selector];
  if (plain !== undefined) return { key: plain[1], value: fields[plain[0]] ?? '' };
  switch (selector) {
    case 'everyone':
      return { key: 'everyone', value: '' };
    case 'certificate':
      return { key: 'certificate', value: '' };
    case 'service_token':
      return { key: 'tokens', value: tokens.of(fields.token_id ?? '') };
    case 'login_method':
      return { key: 'identityProviders', value: loginName(fields.id ?? '', live) };
    case 'device_posture':
      return postureTerm(fields.integration_uid ?? '', live);
    default:
      throw new Inexpressible(`a policy names ${unsupported[selector] ?? `\`${selector}\``}`);
  }
}

function loginName(id: string, live: LiveObjects): string {
  const found = live.withId('cloudflare/access-identity-provider', id);
  if (found === undefined)
    throw new Inexpressible(`a policy names a login method that was not found (${id})`);
  const { key } = found.address;
  if (isAmbiguous(key, id))
    throw new Inexpressible(`a policy names the login method ${key}, of which there are several`);
  return key;
}

function postureTerm(id: string, live: LiveObjects): AccessTerm {
  const found = live.withId('cloudflare/posture-check', id);
  if (found === undefined)
    throw new Inexpressible(`a policy names a posture check that was not found (${id})`);
  const { key } = found.address;
  if (isAmbiguous(key, id))
    throw new Inexpressible(`a policy names the posture check ${key}, of which there are several`);
  for (const type of ['warp', 'gateway'] as const)
    if (key === postureCheckOfType(type)) return { key: type, value: '' };
  return { key: 'devicePosture', value: key };
}

/** True if the key has the id behind the name, because the name alone would mean several objects. */
function isAmbiguous(key: string, id: string): boolean {
  return key.endsWith(`(${id})`);
}
