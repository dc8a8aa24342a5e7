import type { ApplicationRow, UserRow } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import { now, type World } from '../../state/world.ts';
import { admits } from '../api/access.ts';
import { durationMs } from '../api/duration.ts';
import { type AuthentikPage, htmlPage, redirect } from '../api/page.ts';
import { type Passed, passesFlow } from '../api/passing.ts';
import { grantedScopes } from './claims.ts';
import { issueCode } from './code.ts';
import { loggedIn, toLogin } from './login.ts';

const FORBIDDEN_SCHEMES = ['javascript:', 'data:', 'vbscript:'];

/** One call of `/application/o/authorize/`. */
export interface AuthorizeRequest {
  params: URLSearchParams;
  /** Path and query to which a browser returns after its login. */
  self: string;
  cookies: string | null;
}

/**
 * True if this person gets a code for the application of a provider: its bindings admit them, and then they pass the
 * authorization flow, which runs at each authorization, also of people who are logged in (views/authorize.py).
 */
export function mayEnter(world: World, provider: number, user: UserRow, passed: Passed = []): boolean {
  const flow = world.authentik.providers.find(({ pk }) => pk === provider)?.authorization_flow ?? '';
  return isBound(world, provider, user, passed) && passesFlow(world.authentik, flow, passed);
}

/** True if the bindings of a provider's application admit this person; without an application, nobody. */
export function isBound(world: World, provider: number, user: UserRow, passed: Passed = []): boolean {
  const application = applicationOf(world, provider);
  return application !== undefined && admits({ world, state: world.authentik }, application, user, passed);
}

/**
 * The authorization endpoint. Faults of the client or its redirect URI appear here, all others at the redirect URI.
 * Then comes the login, then the application's policies, then the authorization flow, then the code. Consent is assumed.
 */
export function authorize(world: World, request: AuthorizeRequest): AuthentikPage {
  const { params } = request;
  const provider = world.authentik.providers.find((row) => row.client_id === params.get('client_id'));
  if (provider === undefined) return problem('The client identifier (client_id) is missing or invalid.');
  if (applicationOf(world, provider.pk) === undefined) {
    return htmlPage(404, 'Not Found', 'No application uses this provider');
  }
  const redirectUri = params.get('redirect_uri') ?? '';
  if (!isAllowed(provider, redirectUri, 'authorization')) {
    return problem(
      'The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).',
    );
  }
  const fault = mistakeIn(world, provider, params);
  if (fault !== null) return fail(redirectUri, params, fault);
  const known = loggedIn(world, request.cookies);
  if (known === null) {
    if (promptsNothing(params)) return fail(redirectUri, params, LOGIN_REQUIRED);
    return toLogin(world, provider, request.self);
  }
  if (!mayEnter(world, provider.pk, known.user, known.session.passes)) return deniedPage();
  const challenge = params.get('code_challenge');
  const code = issueCode(world, {
    provider: provider.pk,
    user: known.user.pk,
    scopes: grantedScopes(world.authentik, provider, scopesIn(params)),
    nonce: params.get('nonce'),
    loggedIn: known.session.begun,
    ...(known.session.amr === undefined ? {} : { amr: known.session.amr }),
    redirectUri,
    challenge,
    challengeMethod: params.get('code_challenge_method') === 'S256' ? 'S256' : 'plain',
    until: now(world) + durationMs(provider.access_code_validity),
  });
  return back(redirectUri, params, { code });
}

/** True if a URI is allowed: strict ones are compared as text, expressions match the complete URI. */
export function isAllowed(provider: ProviderRow, uri: string, type: 'authorization' | 'logout'): boolean {
  if (!URL.canParse(uri) || FORBIDDEN_SCHEMES.includes(new URL(uri).protocol)) return false;
  return provider.redirect_uris
    .filter(({ redirect_uri_type }) => redirect_uri_type === type)
    .some(({ matching_mode, url }) =>
      matching_mode === 'strict' ? url === uri : new RegExp(`^(?:${url})$`).test(uri),
    );
}

export function scopesIn(params: URLSearchParams): string[] {
  return (params.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
}

/** True if a provider allows a grant type, which is checked since 2026.5; an empty list allows none (facts §2.3). */
export function allowsGrant(world: World, provider: ProviderRow, grantType: string): boolean {
  const { version, ignoredFields } = world.authentik;
  if (!isAtLeast(version, '2026.5') || ignoredFields?.grant_types === 'absent') return true;
  return provider.grant_types.includes(grantType);
}

interface Fault {
  error: string;
  description: string;
}

const LOGIN_REQUIRED: Fault = {
  error: 'login_required',
  description: 'The Authorization Server requires End-User authentication',
};

function mistakeIn(world: World, provider: ProviderRow, params: URLSearchParams): Fault | null {
  const malformed = { error: 'invalid_request', description: 'The request is otherwise malformed' };
  if (params.has('request') || params.has('request_uri')) {
    return { error: 'request_not_supported', description: 'The provider does not support request objects' };
  }
  if (params.get('response_type') !== 'code') {
    return {
      error: 'unsupported_response_type',
      description:
        'The authorization server does not support obtaining an authorization code using this method',
    };
  }
  if (!allowsGrant(world, provider, 'authorization_code')) return malformed;
  const mode = params.get('response_mode') ?? 'query';
  if (mode !== 'query') return malformed;
  const method = params.get('code_challenge_method') ?? 'plain';
  if (params.has('code_challenge') && method !== 'plain' && method !== 'S256') return malformed;
  if (!params.has('code_challenge') && params.has('code_challenge_method')) return malformed;
  return null;
}

function promptsNothing(params: URLSearchParams): boolean {
  return (params.get('prompt') ?? '').split(' ').includes('none');
}

function applicationOf(world: World, provider: number): ApplicationRow | undefined {
  return world.authentik.applications.find((row) => row.provider === provider);
}

/** The page of a refusal. The stage of a flow shows it, so its status is 200. */
export function deniedPage(): AuthentikPage {
  const page = htmlPage(200, 'Permission denied', 'Request has been denied.');
  return { ...page, headers: { ...page.headers, 'x-sandbox-access': 'denied' } };
}

function fail(redirectUri: string, params: URLSearchParams, { error, description }: Fault): AuthentikPage {
  return back(redirectUri, params, { error, error_description: description });
}

function back(redirectUri: string, params: URLSearchParams, given: Record<string, string>): AuthentikPage {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, value);
  const state = params.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return redirect(url.href);
}

function problem(text: string): AuthentikPage {
  return htmlPage(400, 'Request error', text);
}
