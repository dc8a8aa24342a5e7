import type { Attributes } from '../../state/authentik-state.ts';
import type { JsonObject } from '../../state/json.ts';
import type { LdapPart, ProviderRow } from '../../state/provider-row.ts';
import {
  choiceOf,
  flagField,
  integerField,
  nullable,
  type SerializerField,
  textField,
} from '../api/field.ts';
import { equalsIgnoringCase, isTrue, type Model, modelRoutes } from '../api/model.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { shown } from '../api/serializer.ts';
import { newProvider } from './oauth2-providers.ts';
import {
  keyPairReference,
  LDAP,
  providerFields,
  providerUsers,
  providerView,
  releaseProvider,
} from './provider.ts';

export type LdapRow = ProviderRow & { ldap: LdapPart };

export function isLdap(row: { ldap?: LdapPart }): row is LdapRow {
  return row.ldap !== undefined;
}

const { name, authentication_flow, authorization_flow, invalidation_flow, property_mappings } =
  providerFields;
const baseFields = { name, authentication_flow, authorization_flow, invalidation_flow, property_mappings };

const access = choiceOf('direct', 'cached');
/** Django's integer column. */
const startNumber = integerField(-2_147_483_648, 2_147_483_647);

/** The fields of LDAP, the same in every release from 2025.8 to 2026.8. */
const ldapFields = {
  base_dn: textField(),
  certificate: nullable(keyPairReference),
  tls_server_name: textField({ blank: true }),
  uid_start_number: startNumber,
  gid_start_number: startNumber,
  search_mode: access,
  bind_mode: access,
  mfa_support: flagField,
} satisfies { [member in keyof LdapPart]: SerializerField };

/** LDAP providers (providers/ldap/api.py). They have no secret. */
export const ldapModel: Model<LdapRow> = {
  ...LDAP,
  className: 'LDAPProvider',
  path: '/providers/ldap/',
  lookup: 'pk',
  keyKind: 'integer',
  parameter: 'id',
  table: (state) => state.providers as LdapRow[],
  belongs: isLdap,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: { ...baseFields, ...ldapFields },
  ordering: 'name',
  searched: ['name'],
  filters: {
    name__iexact: equalsIgnoringCase('name'),
    base_dn__iexact: (value) => (row) => row.ldap.base_dn.toLowerCase() === value.toLowerCase(),
    // Null only if it is neither the provider of an application nor a backchannel of one.
    application__isnull: isTrue(
      ({ pk }, { state }) =>
        !state.applications.some(
          ({ provider, backchannel_providers: others }) => provider === pk || others.includes(pk),
        ),
    ),
  },
  view: ldapView,
  create: (call, attributes) => {
    const row: LdapRow = { ...newProvider(call, {}), ldap: standardLdap() };
    assign(row, attributes);
    return row;
  },
  update: (_, row, attributes) => assign(row, attributes),
  remove: releaseProvider,
  usedBy: providerUsers,
};

export const ldapRoutes: readonly AuthentikRoute[] = modelRoutes(ldapModel);

/** The defaults of LDAP (providers/ldap/models.py). */
export function standardLdap(): LdapPart {
  return {
    base_dn: 'DC=ldap,DC=goauthentik,DC=io',
    certificate: null,
    tls_server_name: '',
    uid_start_number: 2000,
    gid_start_number: 4000,
    search_mode: 'direct',
    bind_mode: 'direct',
    mfa_support: true,
  };
}

function assign(row: LdapRow, attributes: Attributes): void {
  for (const [member, value] of Object.entries(attributes)) {
    Object.assign(member in ldapFields ? row.ldap : row, { [member]: value });
  }
}

function ldapView({ state }: AuthentikCall, row: LdapRow): JsonObject {
  return {
    ...providerView(state, row),
    ...shown(ldapFields, state, row.ldap),
    outpost_set: state.outposts
      .filter(({ providers }) => providers.includes(row.pk))
      .map((outpost) => `Outpost ${outpost.name}`),
  };
}
