import type { AuthentikChoice } from '../../../../src/lab/sandbox/index.ts';
import { list, object, type Schema } from '../schema-document.ts';
import type { KnownError } from '../schema-known-errors.ts';

/** A status that the API answers although the document does not announce it for this operation. */
export interface UnannouncedStatus {
  id: string;
  status: number;
  reason: string;
}

export const UNANNOUNCED: readonly UnannouncedStatus[] = [
  {
    id: 'status 400',
    status: 400,
    reason:
      'generate announces 400 without a body, but reports its mistakes like every other call (facts §1.2)',
  },
  {
    id: 'status 404',
    status: 404,
    reason: 'the document announces only 400 and 403; an object that does not exist is 404 (facts §1.2)',
  },
  {
    id: 'status 405',
    status: 405,
    reason: 'the answer to a write that crashes the server is 405 without a body (seen)',
  },
  { id: 'status 415', status: 415, reason: 'the API accepts only JSON (facts §1.2)' },
];

/** Repairs a component with `mend`, in every schema that uses it. */
function inComponent(name: string, mend: (schema: Schema) => Schema): NonNullable<KnownError['repair']> {
  return (schema, component) => (component === name ? mend(schema) : schema);
}

function nullable(schema: Schema, ...names: readonly string[]): Schema {
  const properties = { ...object(schema.properties) };
  for (const name of names) properties[name] = { ...object(properties[name]), nullable: true };
  return { ...schema, properties };
}

function optional(schema: Schema, ...names: readonly string[]): Schema {
  return { ...schema, required: list(schema.required).filter((name) => !names.includes(String(name))) };
}

function withProperty(schema: Schema, name: string, property: Schema): Schema {
  return { ...schema, properties: { ...object(schema.properties), [name]: property } };
}

/** The places where the document does not describe the real API. */
export const KNOWN_ERRORS: readonly KnownError[] = [
  {
    id: 'blank addresses',
    reason: 'optional URLs and mail addresses read back as "", which is neither',
    side: 'reply',
    operations: /\/(providers|applications|users|tokens|groups|bindings)\//,
    repair: (schema) => {
      const { format, ...rest } = schema;
      return format === 'uri' || format === 'email' ? rest : schema;
    },
  },
  {
    id: 'names in launch addresses',
    reason: 'a launch address may contain %(username)s and other names, which no URI does (seen)',
    side: 'request',
    operations: /\/core\/applications\//,
    repair: (schema) => {
      const { format, ...rest } = schema;
      return format === 'uri' ? rest : schema;
    },
  },
  {
    id: 'endpoints without application',
    reason: 'a provider without application has no issuer, no discovery, no logout and no jwks (facts §2.3)',
    side: 'reply',
    operations: /\/setup_urls\//,
    repair: inComponent('OAuth2ProviderSetupURLs', (schema) =>
      nullable(optional(schema, 'jwks'), 'issuer', 'provider_info', 'logout'),
    ),
  },
  {
    id: 'list of mistakes',
    reason: 'the answer to a filter that is no JSON is a bare list of mistakes (facts §2.5)',
    side: 'reply',
    operations: /^GET \/core\/groups\/$/,
    mend: ({ body }) => (Array.isArray(body) ? { non_field_errors: body } : body),
  },
  {
    id: 'refused transaction',
    reason:
      'if a person may not add a part of a transaction, the refusal is below the name of that part (facts §2.1)',
    side: 'reply',
    operations: /^PUT \/core\/transactional\//,
    mend: ({ body }) => ('provider' in object(body) ? { detail: object(body).provider } : body),
  },
  {
    id: 'provider of a transaction',
    reason: 'a provider must fit exactly one of all types, but most types demand only name and flows',
    side: 'request',
    operations: /^PUT \/core\/transactional\//,
    repair: inComponent('modelRequest', () => ({
      anyOf: ['ProxyProvider', 'OAuth2Provider', 'SAMLProvider', 'LDAPProvider'].map((name) => ({
        $ref: `#/components/schemas/${name}Request`,
      })),
    })),
  },
];

const PARENT: Schema = { type: 'string', format: 'uuid', nullable: true };

export type ReleaseDifference = KnownError & { in: readonly AuthentikChoice[] };

const BEFORE_2025_12: readonly AuthentikChoice[] = ['2025.8'];
const BEFORE_2026_5: readonly AuthentikChoice[] = ['2025.8', '2025.12', '2026.2'];
const BEFORE_2026_8: readonly AuthentikChoice[] = ['2025.8', '2025.12', '2026.2', '2026.5-rc1', '2026.5'];

/** The differences of older releases from the newest document (facts §1.3). */
export const RELEASE_DIFFERENCES: readonly ReleaseDifference[] = [
  {
    id: 'one parent',
    reason:
      'until 2025.12 a group has parent and parent_name in place of parents and the fields that show them',
    in: BEFORE_2025_12,
    side: 'reply',
    operations: /\/core\/groups\//,
    repair: inComponent('Group', (schema) =>
      withProperty(
        withProperty(optional(schema, 'parents_obj', 'inherited_roles_obj'), 'parent', PARENT),
        'parent_name',
        { type: 'string', nullable: true },
      ),
    ),
  },
  {
    id: 'one parent to write',
    reason: 'until 2025.12 a group takes parent',
    in: BEFORE_2025_12,
    side: 'request',
    operations: /\/core\/groups\//,
    repair: inComponent('GroupRequest', (schema) => withProperty(schema, 'parent', PARENT)),
  },
  {
    id: 'backchannel logout to write',
    reason: 'until 2025.12 an OAuth2 provider takes backchannel_logout_uri',
    in: BEFORE_2025_12,
    side: 'request',
    operations: /\/providers\/oauth2\//,
    repair: inComponent('PatchedOAuth2ProviderRequest', (schema) =>
      withProperty(schema, 'backchannel_logout_uri', { type: 'string' }),
    ),
  },
  {
    id: 'backchannel logout',
    reason: 'until 2025.12 logout_uri is called backchannel_logout_uri',
    in: BEFORE_2025_12,
    side: 'reply',
    operations: /\/providers\/oauth2\//,
    repair: inComponent('OAuth2Provider', (schema) =>
      withProperty(schema, 'backchannel_logout_uri', { type: 'string' }),
    ),
  },
  {
    id: 'icon as a file',
    reason: 'until 2025.12 meta_icon is null or the place of the file, and has no URLs beside it',
    in: BEFORE_2025_12,
    side: 'reply',
    operations: /\/core\/applications\//,
    repair: inComponent('Application', (schema) =>
      nullable(optional(schema, 'meta_icon_url', 'meta_icon_themed_urls'), 'meta_icon'),
    ),
  },
  {
    id: 'SAML issuer',
    reason: 'until 2026.5 issuer_override is called issuer, and there are no unified endpoints',
    in: BEFORE_2026_5,
    side: 'reply',
    operations: /\/providers\/saml\//,
    repair: inComponent('SAMLProvider', (schema) =>
      withProperty(optional(schema, 'url_issuer', 'url_unified', 'url_unified_init'), 'issuer', {
        type: 'string',
      }),
    ),
  },
  {
    id: 'SAML issuer to write',
    reason: 'until 2026.5 a SAML provider takes issuer',
    in: BEFORE_2026_5,
    side: 'request',
    operations: /\/providers\/saml\//,
    repair: inComponent('PatchedSAMLProviderRequest', (schema) =>
      withProperty(schema, 'issuer', { type: 'string' }),
    ),
  },
  {
    id: 'one id of an application',
    reason: 'until 2026.8 an application has no pbm_uuid',
    in: BEFORE_2026_8,
    side: 'reply',
    operations: /\/core\/applications\//,
    repair: inComponent('Application', (schema) => optional(schema, 'pbm_uuid')),
  },
  {
    id: 'bindings for ever',
    reason: 'until 2026.8 a binding has no expires and no expiring',
    in: BEFORE_2026_8,
    side: 'reply',
    operations: /\/policies\/bindings\//,
    repair: inComponent('PolicyBinding', (schema) => optional(schema, 'expires', 'expiring')),
  },
  {
    id: 'one user at a time',
    reason: 'until 2026.8 the session has one user and no list of users (assumption)',
    in: BEFORE_2026_8,
    side: 'reply',
    operations: /\/core\/users\/me\//,
    repair: (schema, component) =>
      component === 'UserSelf'
        ? optional(schema, 'is_current')
        : component === 'SessionUser'
          ? optional(schema, 'users')
          : schema,
  },
  {
    id: 'no dynamic registration',
    reason: 'until 2026.8 clients cannot register themselves, so there is no dcr_registration',
    in: BEFORE_2026_8,
    side: 'reply',
    operations: /\/setup_urls\//,
    repair: inComponent('OAuth2ProviderSetupURLs', (schema) => optional(schema, 'dcr_registration')),
  },
];
