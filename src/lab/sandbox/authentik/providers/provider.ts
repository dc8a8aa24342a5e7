import type { AuthentikState } from '../../state/authentik-state.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import type { Naming, ProviderRow } from '../../state/provider-row.ts';
import type { ModelName } from '../api/event.ts';
import {
  choiceOf,
  duration,
  exists,
  FieldError,
  integerOf,
  nullable,
  required,
  type SerializerField,
  type Surroundings,
  setOf,
  textField,
  unique,
  uuidOf,
  wrong,
} from '../api/field.ts';
import { usage } from '../api/model.ts';
import type { AuthentikCall } from '../api/router.ts';

export const PROXY: ModelName = { app: 'authentik_providers_proxy', model: 'proxyprovider' };
export const OAUTH2: ModelName = { app: 'authentik_providers_oauth2', model: 'oauth2provider' };
export const SAML: ModelName = { app: 'authentik_providers_saml', model: 'samlprovider' };
export const LDAP: ModelName = { app: 'authentik_providers_ldap', model: 'ldapprovider' };

const PROXY_NAMING: Naming = {
  component: 'ak-provider-proxy-form',
  verbose_name: 'Proxy Provider',
  verbose_name_plural: 'Proxy Providers',
  meta_model_name: 'authentik_providers_proxy.proxyprovider',
};
const OAUTH2_NAMING: Naming = {
  component: 'ak-provider-oauth2-form',
  verbose_name: 'OAuth2/OpenID Provider',
  verbose_name_plural: 'OAuth2/OpenID Providers',
  meta_model_name: 'authentik_providers_oauth2.oauth2provider',
};

const SAML_NAMING: Naming = {
  component: 'ak-provider-saml-form',
  verbose_name: 'SAML Provider',
  verbose_name_plural: 'SAML Providers',
  meta_model_name: 'authentik_providers_saml.samlprovider',
};

const LDAP_NAMING: Naming = {
  component: 'ak-provider-ldap-form',
  verbose_name: 'LDAP Provider',
  verbose_name_plural: 'LDAP Providers',
  meta_model_name: 'authentik_providers_ldap.ldapprovider',
};

/** The types of provider that are played: the name of the class, and how objects of others show it. */
const PLAYED = {
  proxy: { className: 'ProxyProvider', title: 'Proxy', model: PROXY, naming: PROXY_NAMING },
  oauth2: { className: 'OAuth2Provider', title: 'OAuth2', model: OAUTH2, naming: OAUTH2_NAMING },
  saml: { className: 'SAMLProvider', title: 'SAML', model: SAML, naming: SAML_NAMING },
  ldap: { className: 'LDAPProvider', title: 'LDAP', model: LDAP, naming: LDAP_NAMING },
} as const;

/** The type of a provider. */
export function typeOf({
  proxy,
  saml,
  ldap,
}: Pick<ProviderRow, 'proxy' | 'saml' | 'ldap'>): keyof typeof PLAYED {
  if (saml !== undefined) return 'saml';
  if (ldap !== undefined) return 'ldap';
  return proxy === null ? 'oauth2' : 'proxy';
}

/** True for a provider with tokens and codes: a proxy provider is one too. */
export function speaksOauth2(row: ProviderRow): boolean {
  return ['oauth2', 'proxy'].includes(typeOf(row));
}

/** The name of the provider's class in Authentik. */
export function classOf(row: ProviderRow): string {
  return PLAYED[typeOf(row)].className;
}

const flowReference = uuidOf((state, pk) => state.flows.some((row) => row.pk === pk));
export const keyPairReference: SerializerField = uuidOf((state, pk) =>
  state.keyPairs.some((row) => row.pk === pk),
);

/** The fields of every provider; a name is taken whatever type of provider has it (facts §2.2). */
export const providerFields = {
  name: unique<ProviderRow>(
    required(textField()),
    'name',
    (state) => state.providers,
    'provider with this name already exists.',
  ),
  authentication_flow: nullable(flowReference),
  authorization_flow: required(flowReference),
  invalidation_flow: required(flowReference),
  // The field refers to mappings of every type.
  property_mappings: setOf(
    uuidOf((state, pk) => [...state.scopeMappings, ...state.samlMappings].some((row) => row.pk === pk)),
  ),
  access_token_validity: duration,
  refresh_token_validity: duration,
  jwt_federation_sources: setOf(uuidOf(() => false)),
  jwt_federation_providers: setOf(integerOf((state, pk) => state.providers.some((row) => row.pk === pk))),
} satisfies { [name: string]: SerializerField };

/** A provider in lists of all types, applications and outposts: with its real type. */
export function providerView(state: AuthentikState, row: ProviderRow): JsonObject {
  return baseView(state, row, row.naming ?? PLAYED[typeOf(row)].naming);
}

/** The same row at the OAuth2 endpoints, proxy providers included (facts §2.3). */
export function oauth2BaseView(state: AuthentikState, row: ProviderRow): JsonObject {
  return baseView(state, row, OAUTH2_NAMING);
}

function baseView(state: AuthentikState, row: ProviderRow, naming: Naming): JsonObject {
  const application = state.applications.find(({ provider }) => provider === row.pk);
  const backchannel = state.applications.find(({ backchannel_providers }) =>
    backchannel_providers.includes(row.pk),
  );
  return {
    pk: row.pk,
    name: row.name,
    authentication_flow: row.authentication_flow,
    authorization_flow: row.authorization_flow,
    invalidation_flow: row.invalidation_flow,
    property_mappings: row.property_mappings,
    component: naming.component,
    assigned_application_slug: application?.slug ?? null,
    assigned_application_name: application?.name ?? null,
    assigned_backchannel_application_slug: backchannel?.slug ?? null,
    assigned_backchannel_application_name: backchannel?.name ?? null,
    verbose_name: naming.verbose_name,
    verbose_name_plural: naming.verbose_name_plural,
    meta_model_name: naming.meta_model_name,
  };
}

/** Releases a provider on its removal: applications stay without it, outposts drop it. */
export function releaseProvider({ state }: AuthentikCall, row: ProviderRow): void {
  for (const application of state.applications) {
    if (application.provider === row.pk) application.provider = null;
    application.backchannel_providers = application.backchannel_providers.filter((pk) => pk !== row.pk);
  }
  for (const outpost of state.outposts) outpost.providers = outpost.providers.filter((pk) => pk !== row.pk);
  for (const other of state.providers) {
    other.jwt_federation_providers = other.jwt_federation_providers.filter((pk) => pk !== row.pk);
  }
}

/** The title of a provider: its name and its type. */
export function providerTitle(row: ProviderRow): string {
  return `${PLAYED[typeOf(row)].title} Provider ${row.name}`;
}

/** The model of a provider's own type. */
export function modelOf(row: ProviderRow): ModelName {
  return PLAYED[typeOf(row)].model;
}

/** The users of a provider. Authentik also counts the mappings to which the provider refers. */
export function providerUsers({ state }: AuthentikCall, row: ProviderRow): JsonObject[] {
  return [
    ...[...state.scopeMappings, ...state.samlMappings]
      .filter(({ pk }) => row.property_mappings.includes(pk))
      .map(({ pk, name }) =>
        usage(
          { app: 'authentik_core', model: 'propertymapping' },
          pk,
          `Property Mapping ${name}`,
          'cascade_many',
        ),
      ),
    ...state.applications
      .filter(({ provider }) => provider === row.pk)
      .map(({ pk, name }) => usage({ app: 'authentik_core', model: 'application' }, pk, name, 'set_default')),
    ...state.outposts
      .filter(({ providers }) => providers.includes(row.pk))
      .map(({ pk, name }) =>
        usage({ app: 'authentik_outposts', model: 'outpost' }, pk, `Outpost ${name}`, 'cascade_many'),
      ),
  ];
}

/** An ordered list of `{matching_mode, url, redirect_uri_type}`; the order matters. */
export const redirectUris: SerializerField = {
  required: true,
  nullable: false,
  read(value, around) {
    if (!Array.isArray(value)) {
      const got = typeof value === 'string' ? 'str' : isObject(value) ? 'dict' : 'int';
      throw new FieldError({ non_field_errors: [`Expected a list of items but got type "${got}".`] });
    }
    const mistakes = value.map((each: unknown) => redirectUriMistakes(each, around));
    if (mistakes.some((told) => Object.keys(told).length > 0)) throw new FieldError(mistakes);
    const typed = exists({ ...redirectUris, since: '2026.5' }, around.state.version);
    return value.map(({ matching_mode, url, redirect_uri_type: type }: JsonObject) => {
      if (matching_mode === 'regex' && !isPattern(String(url))) {
        throw wrong(`Invalid Regex Pattern: ${String(url)}`);
      }
      const known = { matching_mode, url, redirect_uri_type: (typed && type) || 'authorization' };
      return typed && type === undefined ? { ...known, untyped: true } : known;
    }) as Json;
  },
};

const MODES = choiceOf('strict', 'regex');
const TYPES = choiceOf('authorization', 'logout');

/** The mistakes of one redirect URI, by member; empty if there are none. */
function redirectUriMistakes(given: unknown, around: Surroundings): JsonObject {
  if (!isObject(given)) {
    return { non_field_errors: ['Invalid data. Expected a dictionary, but got str.'] };
  }
  const { redirect_uri_type: type = 'authorization' } = given;
  const members = {
    matching_mode: [MODES, given.matching_mode],
    url: [textField(), given.url],
    redirect_uri_type: [TYPES, type],
  } as const;
  const mistakes: JsonObject = {};
  for (const [name, [field, value]] of Object.entries(members)) {
    try {
      if (value === undefined) throw wrong('This field is required.');
      if (value === null) throw wrong('This field may not be null.');
      field.read(value, around);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      mistakes[name] = error.told;
    }
  }
  return mistakes;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
