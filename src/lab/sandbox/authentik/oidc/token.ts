import { createHash } from 'node:crypto';
import type { UserRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import type { Consent } from '../../state/login-rows.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import { now, timestamp, type World } from '../../state/world.ts';
import { durationMs } from '../api/duration.ts';
import { signJwt } from '../api/jwt.ts';
import { type AuthentikPage, jsonPage } from '../api/page.ts';
import { newIdentifier, newSecret } from '../api/secret.ts';
import { allowsGrant, isBound, scopesIn } from './authorize.ts';
import { claimsOf, grantedScopes, subjectOf } from './claims.ts';
import { redeemCode } from './code.ts';
import { signerOf } from './signing.ts';

/** One call of `/application/o/token/`. */
export interface TokenRequest {
  params: URLSearchParams;
  authorization: string | null;
  /** Scheme and host as the client wrote them, from which the issuer follows. */
  origin: string;
}

type ErrorCode = 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type';

const DESCRIPTION: Readonly<Record<ErrorCode, string>> = {
  invalid_client:
    'Client authentication failed (e.g., unknown client, no client authentication included, or ' +
    'unsupported authentication method)',
  invalid_grant:
    'The provided authorization grant or refresh token is invalid, expired, revoked, does not match ' +
    'the redirection URI used in the authorization request, or was issued to another client',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server',
};

/**
 * The token endpoint: codes, refresh tokens and client credentials. Every refusal is 400 with the error of RFC 6749.
 * Throws if the provider's key cannot sign or would encrypt, which is a 500.
 */
export function token(world: World, request: TokenRequest): AuthentikPage {
  const { params } = request;
  const provider = authenticated(world, request);
  if (provider === null) return refused('invalid_client');
  const grantType = params.get('grant_type') ?? '';
  const consentBy = GRANTS[grantType];
  if (consentBy === undefined) return refused('unsupported_grant_type');
  const consent = allowsGrant(world, provider, grantType) ? consentBy(world, provider, params) : null;
  const user = world.authentik.users.find(({ pk, is_active }) => pk === consent?.user && is_active);
  if (consent === null || user === undefined) return refused('invalid_grant');
  return granted(world, { provider, consent, user, origin: request.origin, grantType });
}

/** The person and scopes of an access token; null if it has expired or does not exist. */
export function bearerOf(
  world: World,
  value: string,
): { provider: ProviderRow; user: UserRow; scopes: string[] } | null {
  const { grants, providers, users } = world.authentik;
  const grant = grants.find((row) => row.kind === 'access' && row.token === value && row.until > now(world));
  const provider = providers.find(({ pk }) => pk === grant?.provider);
  const user = users.find(({ pk, is_active }) => pk === grant?.user && is_active);
  return grant && provider && user ? { provider, user, scopes: grant.scopes } : null;
}

/**
 * The client, authenticated by header (RFC 6749 §2.3.1) or body. A public client only names itself, and so does one
 * that shows a token instead of a secret, which counts only for client credentials.
 */
function authenticated(world: World, { params, authorization }: TokenRequest): ProviderRow | null {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  const basic = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : null;
  const colon = basic?.indexOf(':') ?? -1;
  const id = basic === null ? params.get('client_id') : unescaped(basic.slice(0, Math.max(0, colon)));
  const secret = basic === null ? params.get('client_secret') : unescaped(basic.slice(colon + 1));
  const { providers, applications } = world.authentik;
  const provider = providers.find((row) => row.client_id === id);
  if (provider === undefined || !applications.some((row) => row.provider === provider.pk)) return null;
  const asserts = params.has('client_assertion_type') && params.get('grant_type') === 'client_credentials';
  if (provider.client_type === 'public' || asserts) return provider;
  return secret !== null && secret === provider.client_secret ? provider : null;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

type GrantBy = (world: World, provider: ProviderRow, params: URLSearchParams) => Consent | null;

const GRANTS: Readonly<Record<string, GrantBy>> = {
  authorization_code: (world, provider, params) =>
    redeemCode(world, {
      provider: provider.pk,
      code: params.get('code') ?? '',
      redirectUri: params.get('redirect_uri') ?? '',
      verifier: params.get('code_verifier'),
    }),
  refresh_token: refreshed,
  client_credentials: credentialsOfClient,
};

/** Redeems a refresh token, which is valid once: the reply contains the next. */
function refreshed(world: World, provider: ProviderRow, params: URLSearchParams): Consent | null {
  const { authentik } = world;
  const value = params.get('refresh_token');
  const row = authentik.grants.find((grant) => grant.kind === 'refresh' && grant.token === value);
  if (row?.provider !== provider.pk) return null;
  authentik.grants = authentik.grants.filter((grant) => grant !== row);
  return row.until > now(world) ? row : null;
}

/**
 * The person of client credentials: of a token of another provider, a service account with an app password, or the
 * account that the server makes for the client itself. Each must pass the application's policies; no flow
 * runs.
 */
function credentialsOfClient(world: World, provider: ProviderRow, params: URLSearchParams): Consent | null {
  const user = params.has('client_assertion_type')
    ? assertedUser(world, provider, params)
    : params.has('username')
      ? accountWithPassword(world, params.get('username'), params.get('password'))
      : accountFor(world, provider);
  if (user === undefined || !isBound(world, provider.pk, user)) return null;
  const scopes = grantedScopes(world.authentik, provider, scopesIn(params));
  return { provider: provider.pk, user: user.pk, scopes, nonce: null, loggedIn: now(world) };
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The person of a token that a provider in `jwt_federation_providers` issued. */
function assertedUser(world: World, provider: ProviderRow, params: URLSearchParams): UserRow | undefined {
  if (params.get('client_assertion_type') !== ASSERTION_TYPE) return undefined;
  const bearer = bearerOf(world, params.get('client_assertion') ?? params.get('client_secret') ?? '');
  return provider.jwt_federation_providers.includes(bearer?.provider.pk ?? -1) ? bearer?.user : undefined;
}

/**
 * The person whom an outpost finds by a user name and an app password in `Authorization: Basic`. It redeems them at this
 * endpoint, so the provider must allow the grant, and the bindings must admit the person (`attemptBasicAuth`).
 */
export function bearerOfPassword(
  world: World,
  provider: ProviderRow,
  credentials: { username: string; password: string },
): UserRow | undefined {
  if (!allowsGrant(world, provider, 'client_credentials')) return undefined;
  const user = accountWithPassword(world, credentials.username, credentials.password);
  return user?.is_active && isBound(world, provider.pk, user) ? user : undefined;
}

function accountWithPassword(
  world: World,
  name: string | null,
  appPassword: string | null,
): UserRow | undefined {
  const { tokens, users } = world.authentik;
  const user = users.find(({ username }) => username === name);
  const password = tokens.find(({ intent, key }) => intent === 'app_password' && key === appPassword);
  if (user === undefined || password?.user !== user.pk) return undefined;
  const over = password.expiring && password.expires !== null && Date.parse(password.expires) <= now(world);
  return over ? undefined : user;
}

function accountFor(world: World, provider: ProviderRow): UserRow {
  const { authentik } = world;
  const username = `ak-${provider.name}-client_credentials`;
  const known = authentik.users.find((user) => user.username === username);
  if (known !== undefined) return known;
  authentik.lastPk.user += 1;
  const at = timestamp(world);
  const account: UserRow = {
    pk: authentik.lastPk.user,
    uuid: newUuid(world),
    username,
    name: `Autogenerated user from application ${provider.name} (client credentials)`,
    email: '',
    is_active: true,
    path: `goauthentik.io/providers/oauth2/${provider.pk}`,
    type: 'service_account',
    groups: [],
    roles: [],
    attributes: {},
    last_login: at,
    date_joined: at,
    last_updated: at,
  };
  authentik.users.push(account);
  return account;
}

interface Grant {
  provider: ProviderRow;
  consent: Consent;
  user: UserRow;
  origin: string;
  grantType: string;
}

function granted(world: World, grant: Grant): AuthentikPage {
  const { provider, consent, user } = grant;
  const { authentik } = world;
  const { scopes } = consent;
  if (provider.encryption_key !== null) throw new TypeError('encrypted tokens are not played');
  const signer = signerOf(authentik, provider);
  const lifetime = durationMs(provider.access_token_validity);
  const base = baseClaims(world, grant, lifetime);
  const claims = claimsOf(authentik, provider, user, scopes);
  const access = signJwt(
    { ...base, jti: newIdentifier(world, 32), scope: scopes.join(' '), ...claims },
    signer,
  );
  const keep = (kind: 'access' | 'refresh', value: string, ms: number) =>
    authentik.grants.push({ ...consent, kind, token: value, until: now(world) + ms });
  keep('access', access, lifetime);
  const reply: JsonObject = {
    access_token: access,
    token_type: 'Bearer',
    scope: scopes.join(' '),
    expires_in: Math.floor(lifetime / 1000),
  };
  if (scopes.includes('offline_access') && grant.grantType !== 'client_credentials') {
    const refresh = newSecret(world, 128);
    keep('refresh', refresh, durationMs(provider.refresh_token_validity));
    reply.refresh_token = refresh;
  }
  if (scopes.includes('openid')) {
    reply.id_token = signJwt(
      {
        ...base,
        at_hash: halfHash(access, signer.alg),
        ...(consent.amr === undefined ? {} : { amr: consent.amr }),
        ...(consent.nonce === null ? {} : { nonce: consent.nonce }),
        ...(provider.include_claims_in_id_token ? claims : {}),
      },
      signer,
    );
  }
  return jsonPage(200, reply, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

/** The issuer: the application's own address, or the server's (`issuer_mode`). */
export function providerIssuer(world: World, provider: ProviderRow, origin: string): string {
  const application = world.authentik.applications.find((row) => row.provider === provider.pk);
  return provider.issuer_mode === 'global'
    ? `${origin}/`
    : `${origin}/application/o/${application?.slug ?? ''}/`;
}

function baseClaims(world: World, grant: Grant, lifetime: number): JsonObject {
  const { provider, consent, user, origin } = grant;
  const iat = Math.floor(now(world) / 1000);
  return {
    iss: providerIssuer(world, provider, origin),
    sub: subjectOf(provider, user),
    aud: provider.client_id,
    exp: iat + Math.floor(lifetime / 1000),
    iat,
    auth_time: Math.floor(consent.loggedIn / 1000),
    acr: 'goauthentik.io/providers/oauth2/default',
    azp: provider.client_id,
    uid: newIdentifier(world, 40),
  };
}

/** The left half of a token's hash (OpenID Connect Core §3.1.3.6). */
function halfHash(value: string, algorithm: string): string {
  const hash = createHash(`sha${algorithm.slice(2)}`)
    .update(value)
    .digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}

function refused(error: ErrorCode): AuthentikPage {
  const body = { error, error_description: DESCRIPTION[error] };
  return jsonPage(400, body, { 'cache-control': 'no-store' });
}
