import type { Attributes } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import type { JsonObject } from '../../state/json.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import type { World } from '../../state/world.ts';
import { record } from '../api/event.ts';
import {
  checked,
  choiceOf,
  duration,
  flagField,
  listOf,
  nullable,
  required,
  since,
  textField,
  unique,
  until,
  url,
} from '../api/field.ts';
import { equals, isTrue, type Model, modelRoutes, refersTo, visibleRow } from '../api/model.ts';
import { type AuthentikReply, invalid, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { newIdentifier, newSecret } from '../api/secret.ts';
import { shown } from '../api/serializer.ts';
import { claimsOf, subjectOf } from '../oidc/claims.ts';
import {
  keyPairReference,
  OAUTH2,
  oauth2BaseView,
  PROXY,
  providerFields,
  providerUsers,
  redirectUris,
  releaseProvider,
  speaksOauth2,
} from './provider.ts';

const GRANT_TYPES = [
  'authorization_code',
  'implicit',
  'hybrid',
  'refresh_token',
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];

const grantTypes = checked(listOf(choiceOf(...GRANT_TYPES)), (value) =>
  Array.isArray(value) && value.length === 0 ? 'This list may not be empty.' : null,
);

const fields = {
  ...providerFields,
  client_type: choiceOf('confidential', 'public'),
  grant_types: since('2026.5', grantTypes),
  client_id: unique<ProviderRow>(
    textField({ max: 255 }),
    'client_id',
    (state) => state.providers,
    'OAuth2/OpenID Provider with this Client ID already exists.',
  ),
  client_secret: textField({ blank: true, max: 255 }),
  access_code_validity: duration,
  refresh_token_threshold: duration,
  include_claims_in_id_token: flagField,
  signing_key: nullable(keyPairReference),
  encryption_key: nullable(keyPairReference),
  redirect_uris: required(redirectUris),
  backchannel_logout_uri: until('2025.12', url({ blank: true })),
  logout_uri: since('2025.12', url({ blank: true })),
  logout_method: since('2025.12', choiceOf('backchannel', 'frontchannel')),
  sub_mode: choiceOf('hashed_user_id', 'user_id', 'user_uuid', 'user_username', 'user_email', 'user_upn'),
  issuer_mode: choiceOf('global', 'per_provider'),
};

/** OAuth2 providers. This list also contains proxy providers, and a DELETE here removes them (facts §2.3). */
export const oauth2Model: Model<ProviderRow> = {
  ...OAUTH2,
  className: 'OAuth2Provider',
  path: '/providers/oauth2/',
  lookup: 'pk',
  keyKind: 'integer',
  parameter: 'id',
  table: (state) => state.providers,
  belongs: (row) => row.naming === undefined && speaksOauth2(row),
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields,
  ordering: 'name',
  searched: ['name'],
  filters: {
    name: equals('name'),
    client_id: equals('client_id'),
    client_type: equals('client_type'),
    issuer_mode: equals('issuer_mode'),
    sub_mode: equals('sub_mode'),
    include_claims_in_id_token: isTrue((row) => row.include_claims_in_id_token),
    application: (value, call) => (row) =>
      call.state.applications.find(({ pk }) => pk === value)?.provider === row.pk,
    authorization_flow: refersTo(
      'authorization_flow',
      (state, value) => state.flows.some(({ pk }) => pk === value),
      (row, value) => row.authorization_flow === value,
    ),
    signing_key: refersTo(
      'signing_key',
      (state, value) => state.keyPairs.some(({ pk }) => pk === value),
      (row, value) => row.signing_key === value,
    ),
    property_mappings: refersTo(
      'property_mappings',
      (state, value) => state.scopeMappings.some(({ pk }) => pk === value),
      (row, value) => row.property_mappings.includes(value),
    ),
  },
  view: oauth2View,
  create: (call, attributes) => newProvider(call, attributes),
  update: (_, row, attributes) => {
    Object.assign(row, storedAttributes(attributes));
  },
  remove: (call, row) => {
    if (row.proxy !== null) record(call, 'model_deleted', PROXY, row.pk, row.name);
    releaseProvider(call, row);
  },
  usedBy: providerUsers,
};

export const oauth2Routes: readonly AuthentikRoute[] = [
  ...modelRoutes(oauth2Model),
  ['GET', '/providers/oauth2/{id}/setup_urls/', setupUrls],
  ['GET', '/providers/oauth2/{id}/preview_user/', previewUser],
];

/** The claims of an ID token for the caller, or for another person, with all of the provider's scopes. */
function previewUser(call: AuthentikCall): AuthentikReply {
  const { state, caller, query } = call;
  const row = visibleRow(oauth2Model, call);
  const userId = query.get('for_user');
  const person = userId === null ? caller : (state.users.find(({ pk }) => String(pk) === userId) ?? null);
  if (person === null) throw invalid({ for_user: ['User not found'] });
  const scopes = state.scopeMappings.filter(({ pk }) => row.property_mappings.includes(pk));
  const claims = claimsOf(
    state,
    row,
    person,
    scopes.map(({ scope_name }) => scope_name),
  );
  return ok({ preview: { sub: subjectOf(row, person), aud: row.client_id, ...claims } });
}

/** A provider with Authentik's defaults; grant types have none (facts §2.3). */
export function newProvider(call: AuthentikCall, attributes: Attributes): ProviderRow {
  call.state.lastPk.provider += 1;
  return { ...standardProvider(call.world, call.state.lastPk.provider), ...storedAttributes(attributes) };
}

/** A provider of which only the key is known. */
export function standardProvider(world: World, pk: number): ProviderRow {
  return {
    pk,
    name: '',
    authentication_flow: null,
    authorization_flow: '',
    invalidation_flow: '',
    property_mappings: [],
    client_type: 'confidential',
    grant_types: [],
    client_id: newIdentifier(world, 40),
    client_secret: newSecret(world, 128),
    access_code_validity: 'minutes=1',
    access_token_validity: 'hours=1',
    refresh_token_validity: 'days=30',
    refresh_token_threshold: 'seconds=0',
    include_claims_in_id_token: true,
    signing_key: null,
    encryption_key: null,
    redirect_uris: [],
    logout_uri: '',
    logout_method: 'backchannel',
    sub_mode: 'hashed_user_id',
    issuer_mode: 'per_provider',
    jwt_federation_sources: [],
    jwt_federation_providers: [],
    proxy: null,
  };
}

/** The attributes to store: the older name of the logout URI means the same column. */
function storedAttributes(attributes: Attributes): Attributes {
  const { backchannel_logout_uri: older, ...rest } = attributes;
  return older === undefined ? rest : { ...rest, logout_uri: older };
}

/** Redirect URIs as this release shows them; in the reply to a change, one without a type shows none. */
export function redirectUriViews(call: AuthentikCall, row: ProviderRow): JsonObject[] {
  const typed = isAtLeast(call.state.version, '2026.5');
  const isChange = call.method === 'PATCH' || call.method === 'PUT';
  return row.redirect_uris.map(({ matching_mode, url: address, redirect_uri_type, untyped }) => ({
    matching_mode,
    url: address,
    ...(typed && !(isChange && untyped === true) ? { redirect_uri_type } : {}),
  }));
}

/** A provider with its client's secret in clear text. */
function oauth2View(call: AuthentikCall, row: ProviderRow): JsonObject {
  return {
    ...shown(fields, call.state, row),
    ...oauth2BaseView(call.state, row),
    redirect_uris: redirectUriViews(call, row),
    ...(isAtLeast(call.state.version, '2025.12') ? {} : { backchannel_logout_uri: row.logout_uri }),
  };
}

/** The provider's addresses. Without an application, only the global endpoints are known. */
function setupUrls(call: AuthentikCall): AuthentikReply {
  const row = visibleRow(oauth2Model, call);
  const application = call.state.applications.find(({ provider }) => provider === row.pk);
  const base = `${call.origin}/application/o/`;
  const own = application === undefined ? null : `${base}${application.slug}/`;
  return ok({
    issuer: row.issuer_mode === 'global' ? `${call.origin}/` : own,
    authorize: `${base}authorize/`,
    token: `${base}token/`,
    user_info: `${base}userinfo/`,
    provider_info: own === null ? null : `${own}.well-known/openid-configuration`,
    logout: own === null ? null : `${own}end-session/`,
    ...(own === null ? {} : { jwks: `${own}jwks/` }),
    ...(isAtLeast(call.state.version, '2026.8') ? { dcr_registration: null } : {}),
  });
}
