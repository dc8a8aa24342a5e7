import type { Attributes, AuthentikState } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import type { Json, JsonObject } from '../../state/json.ts';
import type { SamlPart } from '../../state/provider-row.ts';
import {
  choiceOf,
  duration,
  flagField,
  nullable,
  required,
  type SerializerField,
  since,
  textField,
  until,
  url,
  uuidOf,
} from '../api/field.ts';
import { equals, type Filter, type Model, modelRoutes, rowByKey } from '../api/model.ts';
import { type AuthentikReply, invalid, ok } from '../api/reply.ts';
import { type AuthentikCall, type AuthentikRoute, routeKey } from '../api/router.ts';
import { shown } from '../api/serializer.ts';
import { newProvider } from './oauth2-providers.ts';
import {
  keyPairReference,
  providerFields,
  providerUsers,
  providerView,
  releaseProvider,
  SAML,
} from './provider.ts';
import { FORMATS, type SamlRow, samlBase, samlIssuer, samlMetadata } from './saml-metadata.ts';

export function isSaml(row: { saml?: SamlPart }): row is SamlRow {
  return row.saml !== undefined;
}

const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const XMLDSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const DIGESTS = [
  `${XMLDSIG}sha1`,
  'http://www.w3.org/2001/04/xmlenc#sha256',
  `${XMLDSIG_MORE}sha384`,
  'http://www.w3.org/2001/04/xmlenc#sha512',
];
const SIGNATURES = [
  ...[`${XMLDSIG}rsa-sha1`, `${XMLDSIG}dsa-sha1`],
  ...['rsa', 'ecdsa'].flatMap((key) =>
    ['sha256', 'sha384', 'sha512'].map((digest) => `${XMLDSIG_MORE}${key}-${digest}`),
  ),
  `${XMLDSIG_MORE}ecdsa-sha1`,
];

const mapping: SerializerField = nullable(
  uuidOf((state, pk) => state.samlMappings.some((row) => row.pk === pk)),
);
const pair = nullable(keyPairReference);
const binding = choiceOf('redirect', 'post');

const { name, authentication_flow, authorization_flow, invalidation_flow, property_mappings } =
  providerFields;
const baseFields = { name, authentication_flow, authorization_flow, invalidation_flow, property_mappings };

/** The fields of SAML, of the releases 2025.8 to 2026.8 (the documents of both). */
const samlFields = {
  acs_url: required(url()),
  sls_url: since('2025.12', url({ blank: true })),
  audience: textField({ blank: true }),
  issuer: until('2026.5', textField()),
  issuer_override: since('2026.5', textField({ blank: true })),
  assertion_valid_not_before: duration,
  assertion_valid_not_on_or_after: duration,
  session_valid_not_on_or_after: duration,
  name_id_mapping: mapping,
  authn_context_class_ref_mapping: mapping,
  digest_algorithm: choiceOf(...DIGESTS),
  signature_algorithm: choiceOf(...SIGNATURES),
  signing_kp: pair,
  verification_kp: pair,
  encryption_kp: pair,
  sign_assertion: flagField,
  sign_response: flagField,
  sign_logout_request: since('2025.12', flagField),
  sign_logout_response: since('2026.5', flagField),
  sp_binding: binding,
  sls_binding: since('2025.12', binding),
  logout_method: since('2025.12', choiceOf('frontchannel_iframe', 'frontchannel_native', 'backchannel')),
  default_relay_state: textField({ blank: true }),
  default_name_id_policy: choiceOf(...Object.values(FORMATS)),
} satisfies { [member in keyof SamlPart]: SerializerField };

/** SAML providers (providers/saml/api/providers.py). They have no secret. */
export const samlModel: Model<SamlRow> = {
  ...SAML,
  className: 'SAMLProvider',
  path: '/providers/saml/',
  lookup: 'pk',
  keyKind: 'integer',
  parameter: 'id',
  table: (state) => state.providers as SamlRow[],
  belongs: isSaml,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: { ...baseFields, ...samlFields },
  ordering: 'name',
  searched: ['name'],
  filters: {
    name: equals('name'),
    acs_url: partFilter('acs_url'),
    audience: partFilter('audience'),
    sp_binding: partFilter('sp_binding'),
    signing_kp: partFilter('signing_kp'),
    name_id_mapping: partFilter('name_id_mapping'),
  },
  view: samlView,
  validate: (_, attributes) => refuseUnsigned(attributes),
  create: (call, attributes) => {
    const row: SamlRow = { ...newProvider(call, {}), saml: standardSaml(call.state) };
    assign(row, attributes);
    return row;
  },
  update: (_, row, attributes) => assign(row, attributes),
  remove: releaseProvider,
  usedBy: providerUsers,
};

export const samlRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(samlModel),
  ['GET', '/providers/saml/{id}/metadata/', metadata],
];

/** The defaults of SAML (providers/saml/models.py). Until 2025.12, answers went by redirect (authentik#17609). */
export function standardSaml(state: AuthentikState): SamlPart {
  return {
    acs_url: '',
    sls_url: '',
    audience: '',
    issuer: 'authentik',
    issuer_override: '',
    assertion_valid_not_before: 'minutes=-5',
    assertion_valid_not_on_or_after: 'minutes=5',
    session_valid_not_on_or_after: 'minutes=86400',
    name_id_mapping: null,
    authn_context_class_ref_mapping: null,
    digest_algorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    signature_algorithm: `${XMLDSIG_MORE}rsa-sha256`,
    signing_kp: null,
    verification_kp: null,
    encryption_kp: null,
    sign_assertion: true,
    sign_response: false,
    sign_logout_request: false,
    sign_logout_response: false,
    sp_binding: isAtLeast(state.version, '2025.12') ? 'post' : 'redirect',
    sls_binding: 'redirect',
    logout_method: 'frontchannel_iframe',
    default_relay_state: '',
    default_name_id_policy: FORMATS.unspecified,
  };
}

function partFilter(member: keyof SamlPart): Filter<SamlRow> {
  return (value) => (row) => String(row.saml[member] ?? '') === value;
}

/** The check sees only the members of the body, so also a PATCH of the key pair has to name what it signs. */
function refuseUnsigned(attributes: Attributes): void {
  const { signing_kp: key, sign_assertion: assertion, sign_response: response } = attributes;
  if (!key || assertion === true || response === true) return;
  throw invalid({
    non_field_errors: [
      "With a signing keypair selected, at least one of 'Sign assertion' and 'Sign Response' must be selected.",
    ],
  });
}

function assign(row: SamlRow, attributes: Attributes): void {
  for (const [member, value] of Object.entries(attributes)) {
    Object.assign(member in samlFields ? row.saml : row, { [member]: value });
  }
}

function slugOf(state: AuthentikState, row: SamlRow): string | undefined {
  return state.applications.find(({ provider }) => provider === row.pk)?.slug;
}

/** Without an application, every address is a dash. */
function samlView(call: AuthentikCall, row: SamlRow): JsonObject {
  const { state, origin } = call;
  const slug = slugOf(state, row);
  const at = (rest: string): Json => (slug === undefined ? '-' : `${samlBase(origin, slug)}${rest}`);
  return {
    ...providerView(state, row),
    ...shown(samlFields, state, row.saml),
    url_download_metadata: `${origin}/api/v3/providers/saml/${row.pk}/metadata/?download`,
    url_sso_post: at('sso/binding/post/'),
    url_sso_redirect: at('sso/binding/redirect/'),
    url_sso_init: at('sso/binding/init/'),
    url_slo_post: at('slo/binding/post/'),
    url_slo_redirect: at('slo/binding/redirect/'),
    ...(isAtLeast(state.version, '2026.5') && {
      url_issuer: slug === undefined ? '-' : samlIssuer(state, row, origin, slug),
      url_unified: at(''),
      url_unified_init: at('init/'),
    }),
  };
}

/** The metadata, for anybody. */
function metadata(call: AuthentikCall): AuthentikReply & { headers?: Record<string, string> } {
  const { state, origin, query } = call;
  const row = rowByKey(samlModel, state, routeKey(call));
  const slug = slugOf(state, row);
  if (slug === undefined) return ok({ metadata: '' });
  const text = samlMetadata(state, row, origin, slug);
  if (!query.has('download')) return ok({ metadata: text });
  return { ...ok(text), headers: { 'content-type': 'application/xml' } };
}
