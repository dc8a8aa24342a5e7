import type { FlowRow, SamlMappingRow, ScopeMappingRow } from '../state/authentik-state.ts';
import { type AuthentikVersion, isAtLeast } from '../state/authentik-version.ts';
import { type Mint, newUuid } from '../state/ids.ts';

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

/** The flows of the blueprints. */
export function stockFlows(mint: Mint): FlowRow[] {
  return FLOWS.map(([slug, designation, authentication]) => ({
    pk: newUuid(mint),
    policybindingmodel_ptr_id: newUuid(mint),
    name: slug,
    slug,
    title: slug,
    designation,
    authentication,
  }));
}

export function stockScopeMappings(mint: Mint, version: AuthentikVersion): ScopeMappingRow[] {
  return stockMappings(version).map(([managed, name, scope_name, expression]) => ({
    pk: newUuid(mint),
    managed,
    name,
    scope_name,
    expression,
    description: '',
  }));
}

export function stockSamlMappings(mint: Mint): SamlMappingRow[] {
  return SAML_MAPPINGS.map(([last, name, saml_name, expression]) => ({
    pk: newUuid(mint),
    managed: `goauthentik.io/providers/saml/${last}`,
    name: `authentik default SAML Mapping: ${name}`,
    expression,
    saml_name,
    friendly_name: null,
  }));
}
