import type { AuthentikState, SamlMappingRow, UserRow } from '../../state/authentik-state.ts';
import { newHex } from '../../state/ids.ts';
import { now, type World } from '../../state/world.ts';
import { durationMs } from '../api/duration.ts';
import { escaped } from '../api/page.ts';
import { uidOf } from '../api/partial.ts';
import { groupsOf } from '../api/permission.ts';
import { FORMATS, type SamlRow, samlIssuer, signingCertificate } from '../providers/saml-metadata.ts';

/** The values of the request that an answer repeats. */
export interface AuthnRequest {
  /** Null if the login began at Authentik. */
  id: string | null;
  nameIdFormat: string;
}

const MANAGED = 'goauthentik.io/providers/saml/';

type Values = (state: AuthentikState, user: UserRow) => string[];

/** The values of the managed mappings; there is no Python here, so any other mapping has none. */
const VALUES: { readonly [managed: string]: Values } = {
  [`${MANAGED}upn`]: (_, { attributes, email }) => [
    typeof attributes.upn === 'string' ? attributes.upn : email,
  ],
  [`${MANAGED}name`]: (_, { name }) => [name],
  [`${MANAGED}email`]: (_, { email }) => [email],
  [`${MANAGED}username`]: (_, { username }) => [username],
  [`${MANAGED}uid`]: (_, { pk }) => [String(pk)],
  [`${MANAGED}groups`]: (state, user) =>
    groupsOf(state, user).flatMap(({ pk, name }) => (user.groups.includes(pk) ? [name] : [])),
  [`${MANAGED}ms-windowsaccountname`]: (_, { username }) => [username],
};

/**
 * The answer with the assertion about a person (providers/saml/processors/assertion.py). It names the certificate that
 * signs it, but has no real signature. Null for a format of the name that Authentik does not know.
 */
export function samlResponse(
  world: World,
  asked: {
    row: SamlRow;
    slug: string;
    origin: string;
    user: UserRow;
    session: string;
    request: AuthnRequest;
  },
): string | null {
  const { row, slug, origin, user, request } = asked;
  const { saml } = row;
  const { authentik: state } = world;
  const nameId = nameIdOf(state, asked);
  if (nameId === null) return null;
  const at = now(world);
  const time = (duration: string) => new Date(at + durationMs(duration)).toISOString();
  const issuer = `<saml:Issuer>${escaped(samlIssuer(state, row, origin, slug))}</saml:Issuer>`;
  const certificate = signingCertificate(state, row);
  const signature =
    certificate === null
      ? ''
      : `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`;
  const reply = request.id === null ? '' : ` InResponseTo="${escaped(request.id)}"`;
  const audience =
    saml.audience === ''
      ? ''
      : `<saml:AudienceRestriction><saml:Audience>${escaped(saml.audience)}</saml:Audience></saml:AudienceRestriction>`;
  const until = time(saml.assertion_valid_not_on_or_after);
  const attributes = state.samlMappings
    .filter(({ pk }) => row.property_mappings.includes(pk))
    .toSorted((left, right) => (left.saml_name < right.saml_name ? -1 : 1))
    .map((mapping) => attributeOf(state, mapping, user));
  return [
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${newHex(world, 32)}" Version="2.0" IssueInstant="${time('seconds=0')}" Destination="${escaped(saml.acs_url)}"${reply}>`,
    `${issuer}${saml.sign_response ? signature : ''}`,
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>',
    `<saml:Assertion ID="_${newHex(world, 32)}" Version="2.0" IssueInstant="${time('seconds=0')}">`,
    `${issuer}${saml.sign_assertion ? signature : ''}`,
    `<saml:Subject><saml:NameID Format="${escaped(request.nameIdFormat)}">${escaped(nameId)}</saml:NameID>`,
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${until}" Recipient="${escaped(saml.acs_url)}"${reply}/></saml:SubjectConfirmation></saml:Subject>`,
    `<saml:Conditions NotBefore="${time(saml.assertion_valid_not_before)}" NotOnOrAfter="${until}">${audience}</saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${time(saml.assertion_valid_not_before)}" SessionNotOnOrAfter="${time(saml.session_valid_not_on_or_after)}"/>`,
    `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement></saml:Assertion></samlp:Response>`,
  ].join('');
}

function attributeOf(state: AuthentikState, mapping: SamlMappingRow, user: UserRow): string {
  const values = VALUES[mapping.managed ?? '']?.(state, user) ?? [];
  const inside = values.map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`);
  return `<saml:Attribute Name="${escaped(mapping.saml_name)}">${inside.join('')}</saml:Attribute>`;
}

/** The name of a person: by the provider's own mapping, whatever the application asks for, else by the format. */
function nameIdOf(
  state: AuthentikState,
  { row, user, session, request }: { row: SamlRow; user: UserRow; session: string; request: AuthnRequest },
): string | null {
  const own = state.samlMappings.find(({ pk }) => pk === row.saml.name_id_mapping);
  if (own !== undefined) return VALUES[own.managed ?? '']?.(state, user)[0] ?? uidOf(user);
  switch (request.nameIdFormat) {
    case FORMATS.email:
      return user.email;
    case FORMATS.persistent:
    case FORMATS.unspecified:
    case FORMATS.x509:
    case FORMATS.windows:
      return uidOf(user);
    case FORMATS.transient:
      return `transient-${session}`;
    default:
      return null;
  }
}
