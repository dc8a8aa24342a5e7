import type {
  AuthentikState,
  FlowRow,
  SamlMappingRow,
  ScopeMappingRow,
  UserRow,
} from '../state/authentik-state.ts';
import {
  type AuthentikChoice,
  type AuthentikVersion,
  buildOf,
  isAtLeast,
} from '../state/authentik-version.ts';
import { type Mint, newHex, newUuid } from '../state/ids.ts';
import { newSecret } from './api/secret.ts';
import { EMBEDDED, standardConfig } from './outpost/outposts.ts';
import { STANDARD_SETTINGS } from './people/brands.ts';
import { generatedPair } from './providers/key-pairs.ts';

const ADMINS = 'authentik Admins';

/** Slug, designation, and the required authentication (facts §2.10). */
const FLOWS: readonly (readonly [slug: string, designation: string, authentication: string])[] = [
  ['default-authentication-flow', 'authentication', 'none'],
  ['default-invalidation-flow', 'invalidation', 'none'],
  ['default-provider-authorization-implicit-consent', 'authorization', 'require_authenticated'],
  ['default-provider-authorization-explicit-consent', 'authorization', 'require_authenticated'],
  ['default-provider-invalidation-flow', 'invalidation', 'none'],
  ['default-source-authentication', 'authentication', 'require_unauthenticated'],
  ['default-source-enrollment', 'enrollment', 'none'],
  ['default-source-pre-authentication', 'stage_configuration', 'none'],
  ['default-user-settings-flow', 'stage_configuration', 'require_authenticated'],
  ['default-password-change', 'stage_configuration', 'require_authenticated'],
  ['default-authenticator-static-setup', 'stage_configuration', 'require_authenticated'],
  ['default-authenticator-totp-setup', 'stage_configuration', 'require_authenticated'],
  ['default-authenticator-webauthn-setup', 'stage_configuration', 'require_authenticated'],
  ['initial-setup', 'stage_configuration', 'require_superuser'],
];

const ownNames = 'http://schemas.goauthentik.io/2021/02/saml/';

function xmlsoap(claim: string): string {
  return `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/${claim}`;
}

/** Managed, name, scope, expression (facts §2.9). */
function stockMappings(version: AuthentikVersion): readonly (readonly [string, string, string, string])[] {
  const verified = isAtLeast(version, '2025.12') ? 'False' : 'True';
  const oauth2 = 'goauthentik.io/providers/oauth2/scope-';
  const named = "authentik default OAuth Mapping: OpenID '";
  return [
    [`${oauth2}openid`, `${named}openid'`, 'openid', 'return {}'],
    [
      `${oauth2}email`,
      `${named}email'`,
      'email',
      `return {"email": request.user.email, "email_verified": ${verified}}`,
    ],
    [
      `${oauth2}profile`,
      `${named}profile'`,
      'profile',
      'return {"name": request.user.name, "groups": [group.name for group in request.user.groups.all()]}',
    ],
    [
      `${oauth2}entitlements`,
      'authentik default OAuth Mapping: Application Entitlements',
      'entitlements',
      'return {"entitlements": []}',
    ],
    [`${oauth2}offline_access`, `${named}offline_access'`, 'offline_access', 'return {}'],
    [
      `${oauth2}authentik_api`,
      'authentik default OAuth Mapping: authentik API access',
      'goauthentik.io/api',
      'return {}',
    ],
    [
      'goauthentik.io/providers/proxy/scope-proxy',
      'authentik default OAuth Mapping: Proxy outpost',
      'ak_proxy',
      'return {"ak_proxy": {"user_attributes": request.user.group_attributes(request)}}',
    ],
  ];
}

/** The last part of `managed`, name, name of the attribute, expression (blueprints/system/providers-saml.yaml). */
const SAML_MAPPINGS: readonly (readonly [string, string, string, string])[] = [
  ['upn', 'UPN', xmlsoap('upn'), "return request.user.attributes.get('upn', request.user.email)"],
  ['name', 'Name', xmlsoap('name'), 'return request.user.name'],
  ['email', 'Email', xmlsoap('emailaddress'), 'return request.user.email'],
  ['username', 'Username', `${ownNames}username`, 'return request.user.username'],
  ['uid', 'User ID', `${ownNames}uid`, 'return request.user.pk'],
  [
    'groups',
    'Groups',
    'http://schemas.xmlsoap.org/claims/Group',
    'for group in request.user.groups.all():\n    yield group.name',
  ],
  [
    'ms-windowsaccountname',
    'WindowsAccountname (Username)',
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname',
    'return request.user.username',
  ],
];

/**
 * Authentik after its first start: an administrator with an API token that does not expire, the stock objects, the
 * embedded outpost without `authentik_host`, and one person in no group.
 */
export function firstAuthentik(mint: Mint, given: { choice: AuthentikChoice; zone: string }): AuthentikState {
  const { choice, zone } = given;
  const build = buildOf(choice);
  const { version } = build;
  const at = new Date().toISOString();
  const admins = newUuid(mint);
  const state: AuthentikState = {
    ...build,
    lastPk: { user: 4, provider: 0 },
    keysMade: 0,
    users: [],
    groups: [{ pk: admins, name: ADMINS, is_superuser: true, parents: [], roles: [], attributes: {} }],
    roles: [],
    tokens: [],
    applications: [],
    providers: [],
    scopeMappings: stockMappings(version).map(
      ([managed, name, scope_name, expression]): ScopeMappingRow => ({
        pk: newUuid(mint),
        managed,
        name,
        scope_name,
        expression,
        description: '',
      }),
    ),
    samlMappings: SAML_MAPPINGS.map(
      ([last, name, saml_name, expression]): SamlMappingRow => ({
        pk: newUuid(mint),
        managed: `goauthentik.io/providers/saml/${last}`,
        name: `authentik default SAML Mapping: ${name}`,
        expression,
        saml_name,
        friendly_name: null,
      }),
    ),
    bindings: [],
    expressionPolicies: [],
    outposts: [],
    flows: FLOWS.map(
      ([slug, designation, authentication]): FlowRow => ({
        pk: newUuid(mint),
        policybindingmodel_ptr_id: newUuid(mint),
        name: slug,
        slug,
        title: slug,
        designation,
        authentication,
      }),
    ),
    keyPairs: [],
    brands: [],
    flags: {
      core_default_app_access: true,
      enterprise_audit_include_expanded_diff: false,
      flows_continuous_login: false,
      flows_refresh_others: false,
    },
    events: [],
    applicationPages: {},
    sessions: [],
    codes: [],
    grants: [],
    outpostSessions: [],
    outpostLoads: {},
  };
  const outpost = newUuid(mint);
  const person = (row: Pick<UserRow, 'pk' | 'username' | 'name'> & Partial<UserRow>): UserRow => ({
    uuid: newUuid(mint),
    email: '',
    is_active: true,
    path: 'users',
    type: 'internal',
    groups: [],
    roles: [],
    attributes: {},
    last_login: null,
    date_joined: at,
    last_updated: at,
    ...row,
  });
  // 1 is the anonymous user of Authentik's permission system, which no list contains.
  state.users = [
    person({
      pk: 2,
      username: `ak-outpost-${outpost.replaceAll('-', '')}`,
      name: 'Outpost authentik Embedded Outpost Service-Account',
      path: 'goauthentik.io/outposts',
      type: 'internal_service_account',
    }),
    person({
      pk: 3,
      username: 'akadmin',
      name: 'authentik Default Admin',
      email: `admin@${zone}`,
      groups: [admins],
    }),
    person({ pk: 4, username: 'jo', name: 'Jo', email: `jo@${zone}` }),
  ];
  state.tokens = [
    {
      pk: newUuid(mint),
      identifier: 'daemon',
      intent: 'api',
      user: 3,
      description: '',
      expires: null,
      expiring: false,
      managed: null,
      key: newSecret(mint, 60),
    },
  ];
  state.outposts = [
    {
      pk: outpost,
      name: 'authentik Embedded Outpost',
      type: 'proxy',
      providers: [],
      service_connection: null,
      config: standardConfig(version, ''),
      managed: EMBEDDED,
    },
  ];
  state.keyPairs = [
    generatedPair(state, {
      pk: newUuid(mint),
      name: 'authentik Self-signed Certificate',
      serial: newHex(mint, 32),
      now: Date.parse(at),
      days: 365,
      algorithm: 'rsa',
      alternativeNames: [],
    }),
  ];
  const flow = (slug: string) => state.flows.find((row) => row.slug === slug)?.pk ?? null;
  state.brands = [
    {
      brand_uuid: newUuid(mint),
      domain: 'authentik-default',
      default: true,
      settings: {
        ...STANDARD_SETTINGS,
        flow_authentication: flow('default-authentication-flow'),
        flow_invalidation: flow('default-invalidation-flow'),
        flow_user_settings: flow('default-user-settings-flow'),
      },
      default_application: null,
      web_certificate: null,
      attributes: {},
    },
  ];
  return state;
}
