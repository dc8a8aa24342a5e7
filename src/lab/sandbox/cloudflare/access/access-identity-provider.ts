import {
  type FieldTable,
  fieldMistake,
  flag,
  ignored,
  object,
  oneOf,
  stringOf,
  text,
  texts,
} from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, World } from '../../state/world.ts';
import { invalidAccessRequest } from '../api/reply.ts';

/** Every type of the API. Of all but the first two, the configuration is stored and shown, but not checked. */
const TYPES = [
  'oidc',
  'onetimepin',
  'azureAD',
  'saml',
  'centrify',
  'facebook',
  'github',
  'google-apps',
  'google',
  'linkedin',
  'okta',
  'onelogin',
  'pingone',
  'yandex',
  'cloudflare',
] as const;

const FIELDS: FieldTable = {
  name: text,
  type: text,
  config: object,
  scim_config: object,
  id: ignored,
  uid: ignored,
  read_only: ignored,
};

const SCIM_FIELDS: FieldTable = {
  enabled: flag,
  identity_update_behavior: oneOf('automatic', 'reauth', 'no_action'),
  seat_deprovision: flag,
  user_deprovision: flag,
  scim_base_url: ignored,
  secret: ignored,
};

const SCIM_OFF: JsonObject = {
  enabled: false,
  identity_update_behavior: 'no_action',
  seat_deprovision: false,
  user_deprovision: false,
};

const ADDRESSES = ['auth_url', 'token_url', 'certs_url'] as const;

const OIDC_FIELDS: FieldTable = {
  client_id: text,
  client_secret: text,
  auth_url: text,
  token_url: text,
  certs_url: text,
  scopes: texts,
  claims: texts,
  email_claim_name: text,
  pkce_enabled: flag,
  redirect_url: ignored,
};

/** The default scopes. */
const STANDARD_SCOPES = ['openid', 'email', 'profile'];

/** A provider in replies, and the client secret of its body, which no reply contains. */
export interface WrittenProvider {
  row: JsonObject;
  secret: string | null;
}

/** The provider of a complete body, or the refusal; nothing is stored yet. */
export function identityProviderOf(world: World, body: unknown, before?: JsonObject): WrittenProvider {
  if (!isObject(body)) throw invalidAccessRequest('identity provider is missing or invalid');
  const mistake = fieldMistake(body, FIELDS);
  if (mistake !== null) throw invalidAccessRequest(mistake);
  const type = TYPES.find((known) => known === body.type);
  if (type === undefined) throw invalidAccessRequest('identity provider type is missing or invalid');
  if (before !== undefined && before.type !== type) {
    throw invalidAccessRequest('identity provider type can not be changed');
  }
  const name = stringOf(body.name, '');
  if (name === '') throw invalidAccessRequest("'name' is missing");
  if (!isObject(body.config)) throw invalidAccessRequest("'config' is missing");
  const { client_secret, ...config } = body.config;
  if (type === 'oidc') refuseIncomplete(body.config, before);
  const id = stringOf(before?.id, '') || newUuid(world);
  return {
    row: {
      id,
      uid: id,
      name,
      type,
      config: { ...shownConfig(type, config), redirect_url: callbackOf(world) },
      ...scimOf(type, body.scim_config),
    },
    secret: typeof client_secret === 'string' ? client_secret : null,
  };
}

/** The address to which people return from every provider; without a team, one that nobody has. */
export function callbackOf(world: World): string {
  return `https://${world.organization?.authDomain ?? 'no-team.invalid'}/cdn-cgi/access/callback`;
}

/** Refuses a new provider without its client's secret. A PUT may omit the secret, and then removes it. */
function refuseIncomplete(config: JsonObject, before: JsonObject | undefined): void {
  const mistake = fieldMistake(config, OIDC_FIELDS);
  if (mistake !== null) throw invalidAccessRequest(`invalid config: ${mistake}`);
  const needed = ['client_id', ...ADDRESSES, ...(before === undefined ? ['client_secret'] : [])];
  const missing = needed.find((name) => stringOf(config[name], '') === '');
  if (missing !== undefined) throw invalidAccessRequest(`invalid config: '${missing}' is missing`);
  const odd = ADDRESSES.find((name) => !/^https:\/\/[^/\s@]+(\/\S*)?$/.test(stringOf(config[name], '')));
  if (odd !== undefined) throw invalidAccessRequest(`invalid config: '${odd}' must be an https URL`);
}

function shownConfig(type: (typeof TYPES)[number], config: JsonObject): JsonObject {
  if (type === 'onetimepin') {
    const extra = Object.keys(config).find((name) => name !== 'redirect_url');
    if (extra !== undefined) throw invalidAccessRequest(`invalid config: unknown field '${extra}'`);
    return {};
  }
  if (type !== 'oidc') return config;
  const settings = Object.entries(config).filter(
    ([name, value]) => value !== false && value !== '' && !(name === 'claims' && isEmpty(value)),
  );
  const { scopes, ...rest } = Object.fromEntries(settings);
  return { ...rest, scopes: scopes === undefined || isEmpty(scopes) ? STANDARD_SCOPES : scopes };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function scimOf(type: (typeof TYPES)[number], given: unknown): JsonObject {
  if (type === 'onetimepin') {
    if (isObject(given)) throw invalidAccessRequest('a one-time PIN takes no scim_config');
    return {};
  }
  if (!isObject(given)) return { scim_config: SCIM_OFF };
  const mistake = fieldMistake(given, SCIM_FIELDS);
  if (mistake !== null) throw invalidAccessRequest(`invalid scim_config: ${mistake}`);
  if (given.enabled === true) throw invalidAccessRequest('SCIM is not played by this sandbox');
  const { scim_base_url, secret, ...kept } = given;
  return { scim_config: { ...SCIM_OFF, ...kept } };
}
