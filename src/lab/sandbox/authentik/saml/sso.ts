import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isAtLeast } from '../../state/authentik-version.ts';
import type { World } from '../../state/world.ts';
import { type AuthentikPage, escaped, htmlPage, notFoundPage, redirect } from '../api/page.ts';
import { deniedPage, mayEnter } from '../oidc/authorize.ts';
import type { PublicRequest } from '../oidc/index.ts';
import { loggedIn, toLogin } from '../oidc/login.ts';
import type { SamlRow } from '../providers/saml-metadata.ts';
import { isSaml } from '../providers/saml-providers.ts';
import { type AuthnRequest, samlResponse } from './assertion.ts';

const PATH = /^\/application\/saml\/([-a-zA-Z0-9_]+)\/(.*)$/;

interface Asked {
  slug: string;
  row: SamlRow;
  request: PublicRequest;
}

/** A request to log in, however it came: its text, and the state that the answer returns. */
interface Received {
  xml: string | null;
  relayState: string | null;
}

/** The SAML endpoints of an application (providers/saml/urls.py); null for any other path. */
export function samlPage(world: World, request: PublicRequest): AuthentikPage | null {
  const [, slug, endpoint = ''] = PATH.exec(request.path) ?? [];
  if (slug === undefined) return null;
  const pk = world.authentik.applications.find((row) => row.slug === slug)?.provider;
  const row = world.authentik.providers.find((provider) => provider.pk === pk);
  if (row === undefined || !isSaml(row)) return notFoundPage;
  const asked: Asked = { slug, row, request };
  const isUnified = isAtLeast(world.authentik.version, '2026.5');
  switch (endpoint) {
    case 'metadata/':
      return redirect(`/api/v3/providers/saml/${row.pk}/metadata/?download`);
    case 'sso/binding/redirect/':
      return answer(world, asked, fromQuery(request));
    case 'sso/binding/post/':
      return answer(world, asked, fromForm(request));
    case 'sso/binding/init/':
      return answer(world, asked, { xml: null, relayState: row.saml.default_relay_state || null });
    case '':
      if (!isUnified) return notFoundPage;
      return answer(world, asked, request.method === 'POST' ? fromForm(request) : fromQuery(request));
    case 'init/':
      if (!isUnified) return notFoundPage;
      return answer(world, asked, { xml: null, relayState: row.saml.default_relay_state || null });
    default:
      return notFoundPage;
  }
}

/** A request in the query is deflated, one in a form is not; both are base64. Undefined if there is none. */
function fromQuery({ query }: PublicRequest): Received | undefined {
  const text = query.get('SAMLRequest');
  if (text === null) return undefined;
  return { xml: inflated(text), relayState: query.get('RelayState') };
}

function fromForm({ form }: PublicRequest): Received | undefined {
  const text = form.get('SAMLRequest');
  if (text === null) return undefined;
  return { xml: Buffer.from(text, 'base64').toString('utf8'), relayState: form.get('RelayState') };
}

function inflated(text: string): string {
  try {
    return inflateRawSync(Buffer.from(text, 'base64')).toString('utf8');
  } catch {
    return '';
  }
}

/** Checks the request, then the login, then the application's policies and the flow; then comes the assertion. */
function answer(world: World, asked: Asked, received: Received | undefined): AuthentikPage {
  const { row, slug, request } = asked;
  if (received === undefined) return problem('The SAML request payload is missing.');
  const parsed = parsedRequest(row, received.xml);
  if (typeof parsed === 'string') return problem(parsed);
  const known = loggedIn(world, request.header('cookie'));
  if (known === null) return toLogin(world, row, returnTo(asked, received));
  if (!mayEnter(world, row.pk, known.user, known.session.passes)) return deniedPage();
  const { user, session } = known;
  const { origin } = request;
  const response = samlResponse(world, { row, slug, origin, user, session: session.id, request: parsed });
  if (response === null) throw new TypeError('Assertion contains NameID with unsupported format');
  return delivered(row, response, received.relayState);
}

/** The request, or the mistake in it: a foreign address for the answer is refused (authn_request_parser.py). */
function parsedRequest({ saml }: SamlRow, xml: string | null): AuthnRequest | string {
  const standard = saml.default_name_id_policy;
  if (xml === null) return { id: null, nameIdFormat: standard };
  const id = /<(?:\w+:)?AuthnRequest\b[^>]*\sID="([^"]+)"/.exec(xml)?.[1];
  if (id === undefined) return 'Cannot decode SAML request.';
  // Without a certificate of the application, nobody checks who asks.
  if (saml.verification_kp !== null) {
    return 'Verification Certificate configured, but request is not signed.';
  }
  const address = /\sAssertionConsumerServiceURL="([^"]*)"/.exec(xml)?.[1] ?? saml.acs_url;
  if (address.toLowerCase() !== saml.acs_url.toLowerCase()) {
    return `ACS URL of ${address} doesn't match Provider ACS URL of ${saml.acs_url}.`;
  }
  const policy = /<(?:\w+:)?NameIDPolicy\b[^>]*\sFormat="([^"]+)"/.exec(xml)?.[1];
  return { id, nameIdFormat: policy ?? standard };
}

/** The address after the login. Authentik keeps the body of a POST in the session; here it moves to the address. */
function returnTo({ slug, request }: Asked, { xml, relayState }: Received): string {
  if (xml === null || request.method !== 'POST') return `${request.path}?${request.query}`;
  const params = new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64') });
  if (relayState !== null) params.set('RelayState', relayState);
  return `/application/saml/${slug}/sso/binding/redirect/?${params}`;
}

/** The answer reaches the application through the browser: in a form that sends itself, or in the address. */
function delivered({ saml }: SamlRow, response: string, relayState: string | null): AuthentikPage {
  const { acs_url: address } = saml;
  if (saml.sp_binding === 'redirect') {
    const params = new URLSearchParams({ SAMLResponse: deflateRawSync(response).toString('base64') });
    if (relayState !== null) params.set('RelayState', relayState);
    return redirect(`${address}?${params}`);
  }
  const fields = { SAMLResponse: Buffer.from(response).toString('base64'), RelayState: relayState };
  const inputs = Object.entries(fields).flatMap(([field, value]) =>
    value === null ? [] : [`<input type="hidden" name="${field}" value="${escaped(value)}">`],
  );
  return htmlPage(
    200,
    'Redirecting',
    `<form method="post" action="${escaped(address)}">${inputs.join('')}</form>`,
  );
}

function problem(text: string): AuthentikPage {
  return htmlPage(400, 'Bad Request', escaped(text));
}
