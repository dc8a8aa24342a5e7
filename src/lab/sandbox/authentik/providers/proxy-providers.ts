import type { Attributes, AuthentikState } from '../../state/authentik-state.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { ProviderRow, ProxyPart } from '../../state/provider-row.ts';
import type { World } from '../../state/world.ts';
import { record } from '../api/event.ts';
import { choiceOf, flagField, nullable, required, textField, url } from '../api/field.ts';
import { equalsIgnoringCase, type Filter, isTrue, type Model, modelRoutes } from '../api/model.ts';
import { invalidField } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { newSecret } from '../api/secret.ts';
import { shown } from '../api/serializer.ts';
import { newProvider, redirectUriViews } from './oauth2-providers.ts';
import {
  keyPairReference,
  OAUTH2,
  PROXY,
  providerFields,
  providerUsers,
  providerView,
  releaseProvider,
} from './provider.ts';

type ProxyRow = ProviderRow & { proxy: ProxyPart };

export function isProxy(row: ProviderRow): row is ProxyRow {
  return row.proxy !== null;
}

/** The managed scope mappings that every write of a proxy provider restores (facts §2.2). */
export const PROXY_MAPPINGS: readonly string[] = [
  'goauthentik.io/providers/oauth2/scope-openid',
  'goauthentik.io/providers/oauth2/scope-profile',
  'goauthentik.io/providers/oauth2/scope-email',
  'goauthentik.io/providers/oauth2/scope-entitlements',
  'goauthentik.io/providers/proxy/scope-proxy',
];

const CALLBACK = 'X-authentik-auth-callback=true';

const proxyFields = {
  internal_host: url({ blank: true }),
  external_host: required(url()),
  internal_host_ssl_validation: flagField,
  certificate: nullable(keyPairReference),
  skip_path_regex: textField({ blank: true }),
  basic_auth_enabled: flagField,
  basic_auth_password_attribute: textField({ blank: true }),
  basic_auth_user_attribute: textField({ blank: true }),
  mode: choiceOf('proxy', 'forward_single', 'forward_domain'),
  intercept_header_auth: flagField,
  cookie_domain: textField({ blank: true }),
};

export const proxyModel: Model<ProxyRow> = {
  ...PROXY,
  className: 'ProxyProvider',
  path: '/providers/proxy/',
  lookup: 'pk',
  keyKind: 'integer',
  parameter: 'id',
  table: (state) => state.providers as ProxyRow[],
  belongs: isProxy,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: { ...providerFields, ...proxyFields },
  ordering: 'name',
  searched: ['name'],
  filters: {
    name__iexact: equalsIgnoringCase('name'),
    external_host__iexact: partFilter('external_host'),
    internal_host__iexact: partFilter('internal_host'),
    cookie_domain__iexact: partFilter('cookie_domain'),
    skip_path_regex__iexact: partFilter('skip_path_regex'),
    mode__iexact: partFilter('mode'),
    application__isnull: isTrue(
      (row, { state }) => !state.applications.some(({ provider }) => provider === row.pk),
    ),
    authorization_flow__slug__iexact:
      (value, { state }) =>
      (row) =>
        state.flows.find(({ pk }) => pk === row.authorization_flow)?.slug.toLowerCase() ===
        value.toLowerCase(),
  },
  view: proxyView,
  validate: validateProxy,
  create: (call, attributes) => {
    const base = newProvider(call, {});
    const row: ProxyRow = { ...base, proxy: standardPart(call.world) };
    assign(call.state, row, attributes);
    // Authentik saves a second time after it set the OAuth2 part, and each save is an event.
    record(call, 'model_updated', PROXY, row.pk, row.name);
    return row;
  },
  update: (call, row, attributes) => {
    assign(call.state, row, attributes);
    record(call, 'model_updated', PROXY, row.pk, row.name);
  },
  remove: (call, row) => {
    // The removal of its OAuth2 row is a separate event (facts §2.13).
    record(call, 'model_deleted', OAUTH2, row.pk, row.name);
    releaseProvider(call, row);
  },
  usedBy: providerUsers,
};

export const proxyRoutes: readonly AuthentikRoute[] = modelRoutes(proxyModel);

/** The default proxy part of a provider of which nothing is known. */
export function standardPart(world: World): ProxyPart {
  return {
    internal_host: '',
    external_host: '',
    internal_host_ssl_validation: true,
    certificate: null,
    skip_path_regex: '',
    basic_auth_enabled: false,
    basic_auth_password_attribute: '',
    basic_auth_user_attribute: '',
    mode: 'proxy',
    intercept_header_auth: true,
    cookie_domain: '',
    cookie_secret: newSecret(world, 32),
  };
}

function partFilter(member: keyof ProxyPart): Filter<ProxyRow> {
  return (value) => (row) => String(row.proxy[member] ?? '').toLowerCase() === value.toLowerCase();
}

/** A body without `mode` counts as `proxy`, so a PATCH of a forward-auth provider fails (facts §2.2). */
function validateProxy(call: AuthentikCall, attributes: Attributes): void {
  const { body } = call;
  const given = isObject(body) && isObject(body.provider) ? body.provider : isObject(body) ? body : {};
  if (
    attributes.basic_auth_enabled === true &&
    !(given.basic_auth_password_attribute && given.basic_auth_user_attribute)
  ) {
    throw invalidField(
      'basic_auth_enabled',
      'User and password attributes must be set when basic auth is enabled.',
    );
  }
  if ((attributes.mode ?? 'proxy') === 'proxy' && (attributes.internal_host ?? '') === '') {
    throw invalidField('internal_host', 'Internal host cannot be empty when forward auth is disabled.');
  }
}

function assign(state: AuthentikState, row: ProxyRow, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    Object.assign(name in proxyFields ? row.proxy : row, { [name]: value });
  }
  const managed = state.scopeMappings
    .filter((mapping) => mapping.managed !== null && PROXY_MAPPINGS.includes(mapping.managed))
    .map(({ pk }) => pk);
  row.property_mappings = [...new Set([...row.property_mappings, ...managed])];
  row.client_type = 'confidential';
  row.signing_key = null;
  row.include_claims_in_id_token = true;
  const { external_host: host } = row.proxy;
  row.redirect_uris = [
    `${joined(host, 'outpost.goauthentik.io/callback')}?${CALLBACK}`,
    `${host}?${CALLBACK}`,
  ].map((address) => ({ matching_mode: 'strict', url: address, redirect_uri_type: 'authorization' }));
}

/** Joins URLs as Python does: replaces the text after the last slash of the path, and normalizes only the scheme. */
function joined(base: string, relative: string): string {
  const [, scheme = '', host = base, path = ''] = /^(https?:)(\/\/[^/?#]+)([^?#]*)/i.exec(base) ?? [];
  return `${scheme.toLowerCase()}${host}${path.slice(0, path.lastIndexOf('/') + 1) || '/'}${relative}`;
}

function proxyView(call: AuthentikCall, row: ProxyRow): JsonObject {
  const { state } = call;
  return {
    ...providerView(state, row),
    client_id: row.client_id,
    ...shown(proxyFields, state, row.proxy),
    redirect_uris: redirectUriViews(call, row),
    jwt_federation_sources: row.jwt_federation_sources,
    jwt_federation_providers: row.jwt_federation_providers,
    access_token_validity: row.access_token_validity,
    refresh_token_validity: row.refresh_token_validity,
    outpost_set: state.outposts
      .filter(({ providers }) => providers.includes(row.pk))
      .map(({ name }) => `Outpost ${name}`),
  };
}
