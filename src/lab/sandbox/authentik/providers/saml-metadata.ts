import type { AuthentikState } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import type { ProviderRow, SamlPart } from '../../state/provider-row.ts';
import { escaped } from '../api/page.ts';

/** A provider of SAML. */
export type SamlRow = ProviderRow & { saml: SamlPart };

export const FORMATS = {
  email: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  x509: 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName',
  windows: 'urn:oasis:names:tc:SAML:2.0:nameid-format:WindowsDomainQualifiedName',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
} as const;

const BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';

/** The addresses of an application, at the host of the request (providers/saml/urls.py). */
export function samlBase(origin: string, slug: string): string {
  return `${origin}/application/saml/${slug}/`;
}

/** The entity id. Before 2026.5, every provider has a text of its own; later ones state their metadata's address. */
export function samlIssuer(state: AuthentikState, { saml }: SamlRow, origin: string, slug: string): string {
  if (!isAtLeast(state.version, '2026.5')) return saml.issuer;
  return saml.issuer_override === '' ? `${samlBase(origin, slug)}metadata/` : saml.issuer_override;
}

/** The certificate that signs, without the lines around it; null for a provider that signs nothing. */
export function signingCertificate(state: AuthentikState, { saml }: SamlRow): string | null {
  const pair = state.keyPairs.find(({ pk }) => pk === saml.signing_kp);
  return pair === undefined ? null : pair.certificate_data.replace(/-----[^-]+-----|\s/g, '');
}

/** The metadata of a provider (providers/saml/processors/metadata.py), here without a signature. */
export function samlMetadata(state: AuthentikState, row: SamlRow, origin: string, slug: string): string {
  const certificate = signingCertificate(state, row);
  const base = samlBase(origin, slug);
  const isUnified = isAtLeast(state.version, '2026.5');
  const location = (binding: string) => (isUnified ? base : `${base}sso/binding/${binding}/`);
  const services = [
    ['Redirect', location('redirect')],
    ['POST', location('post')],
  ].map(
    ([binding = '', at = '']) =>
      `<md:SingleSignOnService Binding="${BINDING}${binding}" Location="${escaped(at)}"/>`,
  );
  const key =
    certificate === null
      ? ''
      : `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  const formats = [FORMATS.email, FORMATS.persistent, FORMATS.x509, FORMATS.transient].map(
    (format) => `<md:NameIDFormat>${format}</md:NameIDFormat>`,
  );
  return [
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escaped(samlIssuer(state, row, origin, slug))}">`,
    '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">',
    ...[key, ...formats, ...services],
    '</md:IDPSSODescriptor></md:EntityDescriptor>',
  ].join('');
}
