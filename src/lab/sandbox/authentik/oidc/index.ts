import type { ProviderRow } from '../../state/provider-row.ts';
import { now, type World } from '../../state/world.ts';
import { type AuthentikPage, htmlPage, jsonPage, notFoundPage, redirect } from '../api/page.ts';
import { authorize, isAllowed } from './authorize.ts';
import { claimsOf, subjectOf } from './claims.ts';
import { endSession, loggedIn } from './login.ts';
import { keySetOf, signerOf } from './signing.ts';
import { bearerOf, providerIssuer, token } from './token.ts';

/** A request to Authentik's public face. */
export interface PublicRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Scheme and host as the client wrote them. */
  origin: string;
  form: URLSearchParams;
  header(name: string): string | null;
}

const BASE = '/application/o/';

/**
 * The endpoints of OAuth2 and OpenID Connect, global and for one application; null for any other path. Throws if a
 * provider's key cannot sign tokens, which is the server's 500.
 */
export function oidcPage(world: World, request: PublicRequest): AuthentikPage | null {
  if (!request.path.startsWith(BASE)) return null;
  const { method, path, query, form } = request;
  switch (path.slice(BASE.length)) {
    case 'authorize/': {
      const params = method === 'POST' ? form : query;
      return authorize(world, { params, self: `${path}?${params}`, cookies: request.header('cookie') });
    }
    case 'token/':
      if (method !== 'POST') return htmlPage(405, 'Method not allowed', '');
      return token(world, {
        params: form,
        authorization: request.header('authorization'),
        origin: request.origin,
      });
    case 'userinfo/':
      return userInfo(world, request);
  }
  const [, slug = '', endpoint = ''] = /^\/application\/o\/([-a-zA-Z0-9_]+)\/(.*)$/.exec(path) ?? [];
  const pk = world.authentik.applications.find((row) => row.slug === slug)?.provider;
  const provider = world.authentik.providers.find((row) => row.pk === pk);
  if (provider === undefined || provider.saml !== undefined || provider.ldap !== undefined)
    return notFoundPage;
  return ofApplication(world, request, { slug, endpoint, provider });
}

function ofApplication(
  world: World,
  request: PublicRequest,
  asked: { slug: string; endpoint: string; provider: ProviderRow },
): AuthentikPage {
  switch (asked.endpoint) {
    case '.well-known/openid-configuration':
      return jsonPage(200, discovery(world, request.origin, asked), ANYWHERE);
    case 'jwks/':
      return jsonPage(200, keySetOf(world.authentik, asked.provider), ANYWHERE);
    case 'end-session/':
      return logout(world, request, asked.provider);
    default:
      return notFoundPage;
  }
}

const ANYWHERE = { 'access-control-allow-origin': '*' };

function discovery(world: World, origin: string, asked: { slug: string; provider: ProviderRow }): object {
  const { provider, slug } = asked;
  const base = `${origin}${BASE}`;
  const mappings = world.authentik.scopeMappings.filter(({ pk }) => provider.property_mappings.includes(pk));
  return {
    issuer: providerIssuer(world, provider, origin),
    authorization_endpoint: `${base}authorize/`,
    token_endpoint: `${base}token/`,
    userinfo_endpoint: `${base}userinfo/`,
    end_session_endpoint: `${base}${slug}/end-session/`,
    jwks_uri: `${base}${slug}/jwks/`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [signerOf(world.authentik, provider).alg],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    code_challenge_methods_supported: ['plain', 'S256'],
    scopes_supported: [...new Set(mappings.map(({ scope_name }) => scope_name))],
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'amr',
      'nonce',
      'email',
      'name',
    ],
    request_parameter_supported: false,
    claims_parameter_supported: false,
  };
}

function userInfo(world: World, request: PublicRequest): AuthentikPage {
  const [scheme = '', value = ''] = (request.header('authorization') ?? '').split(' ');
  const token = scheme.toLowerCase() === 'bearer' ? value : (request.form.get('access_token') ?? '');
  const bearer = bearerOf(world, token);
  if (bearer === null) {
    return jsonPage(401, {}, { 'www-authenticate': 'error="invalid_token"' });
  }
  const { provider, user, scopes } = bearer;
  return jsonPage(200, {
    sub: subjectOf(provider, user),
    ...claimsOf(world.authentik, provider, user, scopes),
  });
}

/** Ends the browser's session at Authentik, and its unredeemed codes; outposts keep their own sessions. */
function logout(world: World, request: PublicRequest, provider: ProviderRow): AuthentikPage {
  const known = loggedIn(world, request.header('cookie'));
  if (known !== null) endSession(world, known.session);
  const { authentik } = world;
  authentik.codes = authentik.codes.filter(
    ({ user, until }) => user !== known?.user.pk && until > now(world),
  );
  const target = request.query.get('post_logout_redirect_uri') ?? '';
  if (isAllowed(provider, target, 'logout')) return redirect(target);
  return htmlPage(200, 'Logged out', 'You have been logged out.');
}
