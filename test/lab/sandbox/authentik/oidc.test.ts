import { createPublicKey, X509Certificate } from 'node:crypto';
import * as client from 'openid-client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthentikVersion } from '../../../../src/lab/sandbox/state/authentik-version.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { type Client, newClient } from '../client.ts';
import { addGroup, call, flowsOf } from './gate.ts';

const CALLBACK = 'https://vault.example.dev/callback';

let there: Client;
let world: World;

beforeEach(() => begin());

async function begin(authentikVersion: AuthentikVersion = '2026.8'): Promise<void> {
  there = await newClient({ authentikVersion });
  world = await worldOf();
}

/** The sandbox hides its world, so a test that changes rows restores the state. */
async function worldOf(): Promise<World> {
  return JSON.parse(there.sandbox.snapshot());
}

function restore(): void {
  there.sandbox.restore(JSON.stringify(world));
}

interface App {
  client_id: string;
  client_secret: string;
  group: string;
  pk: number;
}

/** Makes an OAuth2 provider `vault`, its application, and a group with the member jo. */
async function vault(more: object = {}): Promise<App> {
  const mapped = ['openid', 'email', 'profile', 'offline_access'].map(
    (scope) => world.authentik.scopeMappings.find(({ managed }) => managed?.endsWith(`-${scope}`))?.pk,
  );
  const provider = await call(world, 'POST', '/providers/oauth2/', {
    name: 'vault',
    ...flowsOf(world),
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: [{ matching_mode: 'strict', url: CALLBACK }],
    signing_key: world.authentik.keyPairs[0]?.pk,
    property_mappings: mapped,
    ...more,
  });
  const application = await call(world, 'POST', '/core/applications/', {
    name: 'vault',
    slug: 'vault',
    provider: provider.pk,
  });
  const group = await addGroup(world, 'family', ['jo']);
  await call(world, 'POST', '/policies/bindings/', { target: application.pk, group, order: 0 });
  restore();
  return { ...provider, group };
}

function issuer(): URL {
  return new URL(`${there.sandbox.urls.authentik}/application/o/vault/`);
}

/** Configures the library, whose requests go to the sandbox of this process. */
async function discovered(app: App, auth?: client.ClientAuth): Promise<client.Configuration> {
  const config = await client.discovery(issuer(), app.client_id, app.client_secret, auth, {
    [client.customFetch]: (url, options) => there.sandbox.fetch(url, options as RequestInit),
    execute: [client.allowInsecureRequests],
  });
  client.enableNonRepudiationChecks(config);
  return config;
}

async function cookieOf(username: string): Promise<string> {
  return (await there.admin('POST', '/login', { username })).body.cookie;
}

/** The answer of the authorize endpoint to a logged-in person; `null` is nobody. */
async function authorize(params: Record<string, string>, username: string | null): Promise<Response> {
  const query = new URLSearchParams(params);
  const cookie: Record<string, string> = username === null ? {} : { cookie: await cookieOf(username) };
  return there.visit(`${there.sandbox.urls.authentik}/application/o/authorize/?${query}`, cookie);
}

function authorizeParams(app: App, more: Record<string, string> = {}): Record<string, string> {
  return {
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'st',
    ...more,
  };
}

function landed(response: Response): Record<string, string> {
  const location = response.headers.get('location');
  return location === null ? {} : Object.fromEntries(new URL(location).searchParams);
}

async function redeemed(
  app: App,
  params: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await there.sandbox.fetch(`${there.sandbox.urls.authentik}/application/o/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: app.client_id,
      client_secret: app.client_secret,
      grant_type: 'authorization_code',
      redirect_uri: CALLBACK,
      ...params,
    }).toString(),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function codeFor(app: App, more: Record<string, string> = {}): Promise<string> {
  return landed(await authorize(authorizeParams(app, more), 'jo')).code ?? '';
}

describe('a client with the usual library', () => {
  it.each([
    { alg: 'RS256', auth: client.ClientSecretBasic, pair: () => world.authentik.keyPairs[0]?.pk },
    {
      alg: 'ES256',
      auth: client.ClientSecretPost,
      pair: async () => {
        const body = { common_name: 'ec', validity_days: 30, alg: 'ecdsa' };
        return (await call(world, 'POST', '/crypto/certificatekeypairs/generate/', body)).pk;
      },
    },
  ])(
    'logs a person in by code and PKCE, verifies $alg, refreshes, and gets the userinfo',
    async ({ alg, auth, pair }) => {
      const app = await vault({ signing_key: await pair() });
      const config = await discovered(app, auth(app.client_secret));
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: CALLBACK,
        scope: 'openid email profile offline_access',
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: 'st',
        nonce: 'no',
      });
      const response = await there.visit(url.href, { cookie: await cookieOf('jo') });
      expect(response.status).toBe(302);
      const tokens = await client.authorizationCodeGrant(
        config,
        new URL(response.headers.get('location') ?? ''),
        {
          pkceCodeVerifier,
          expectedState: 'st',
          expectedNonce: 'no',
        },
      );
      const claims = tokens.claims();
      expect(claims).toMatchObject({
        iss: issuer().href,
        aud: app.client_id,
        email: 'jo@example.dev',
        email_verified: false,
        preferred_username: 'jo',
        groups: ['family'],
      });
      const [header = ''] = (tokens.id_token ?? '').split('.');
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg });
      const info = await client.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
      expect(info).toMatchObject({ email: 'jo@example.dev', name: 'Jo' });
      const again = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(again.claims()?.sub).toBe(claims?.sub);
      await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toThrow();
    },
  );

  it('finds no key if the provider has none: the secret signs its tokens', async () => {
    const app = await vault({ signing_key: null });
    const keys = await there.visit(`${issuer()}jwks/`);
    expect(await keys.json()).toEqual({});
    const { body } = await redeemed(app, { code: await codeFor(app) });
    const [header = ''] = String(body.id_token).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  });

  it('gets its own token if the policies admit its service account', async () => {
    const app = await vault();
    const config = await discovered(app);
    await expect(client.clientCredentialsGrant(config, { scope: 'openid' })).rejects.toThrow();
    world = await worldOf();
    const account = world.authentik.users.find(({ username }) => username === 'ak-vault-client_credentials');
    await call(world, 'POST', `/core/groups/${app.group}/add_user/`, { pk: account?.pk });
    restore();
    expect((await client.clientCredentialsGrant(config, { scope: 'openid' })).expires_in).toBe(3600);
  });
});

describe('the key set', () => {
  it('has the key of the certificate, under the name in the tokens', async () => {
    const app = await vault();
    const reply = await there.visit(`${issuer()}jwks/`);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    const { keys } = (await reply.json()) as { keys: { n: string; kid: string }[] };
    const pem = world.authentik.keyPairs[0]?.certificate_data ?? '';
    expect(
      createPublicKey(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' })).export({
        format: 'jwk',
      }).n,
    ).toBe(keys[0]?.n);
    const { body } = await redeemed(app, { code: await codeFor(app) });
    const [header = ''] = String(body.id_token).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString()).kid).toBe(keys[0]?.kid);
  });

  it.each([
    { path: 'application/o/nobody/jwks/', status: 404, because: 'there is no such application' },
    { path: 'application/o/vault/nothing/', status: 404, because: 'there is no such endpoint' },
  ])('is $status at $path, because $because', async ({ path, status }) => {
    await vault();
    expect((await there.visit(`${there.sandbox.urls.authentik}/${path}`)).status).toBe(status);
  });

  it('is unavailable for a key that cannot sign', async () => {
    const body = { common_name: 'ed', validity_days: 30, alg: 'ed25519' };
    const pair = await call(world, 'POST', '/crypto/certificatekeypairs/generate/', body);
    await vault({ signing_key: pair.pk });
    expect((await there.visit(`${issuer()}jwks/`)).status).toBe(500);
  });
});

describe('an authorization request', () => {
  it('is sent to the login page of the flow and returns with its parameters', async () => {
    const app = await vault();
    const response = await authorize(authorizeParams(app), null);
    const page = new URL(response.headers.get('location') ?? '', there.sandbox.urls.authentik);
    expect(page.pathname).toBe('/if/flow/default-authentication-flow/');
    const form = await there.sandbox.fetch(page, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'uid_field=jo@example.dev',
      redirect: 'manual',
    });
    expect(form.headers.get('set-cookie')).toMatch(/^authentik_session=\S+; Path=\/; HttpOnly/);
    const next = new URL(form.headers.get('location') ?? '', page);
    expect(next.searchParams.get('client_id')).toBe(app.client_id);
    const [cookie = ''] = (form.headers.get('set-cookie') ?? '').split(';');
    expect(landed(await there.visit(next.href, { cookie }))).toMatchObject({ state: 'st' });
  });

  it('is not sent anywhere else by the login page', async () => {
    const response = await there.sandbox.fetch(
      `${there.sandbox.urls.authentik}/if/flow/default-authentication-flow/?next=//evil.example.org/`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'uid_field=jo',
        redirect: 'manual',
      },
    );
    expect(response.headers.get('location')).toBe('/');
  });

  it('gets no code for a person outside the groups', async () => {
    const app = await vault();
    const response = await authorize(authorizeParams(app), 'akadmin');
    expect([response.status, response.headers.get('x-sandbox-access')]).toEqual([200, 'denied']);
    expect(await response.text()).toContain('Permission denied');
  });

  it.each<{ because: string; more: Record<string, string>; user?: string | null; error: string }>([
    { because: 'only codes are given', more: { response_type: 'token' }, error: 'unsupported_response_type' },
    { because: 'nobody is logged in', more: { prompt: 'none' }, user: null, error: 'login_required' },
    {
      because: 'there is no such method',
      more: { code_challenge: 'x', code_challenge_method: 'S512' },
      error: 'invalid_request',
    },
    { because: 'request objects are not taken', more: { request: 'x' }, error: 'request_not_supported' },
  ])('gets $error at the redirect URI, because $because', async ({ more, user = 'jo', error }) => {
    const app = await vault();
    expect(landed(await authorize(authorizeParams(app, more), user))).toMatchObject({ error, state: 'st' });
  });

  it.each<{ because: string; more: Record<string, string>; status: number }>([
    { because: 'the client is unknown', more: { client_id: 'x' }, status: 400 },
    { because: 'the redirect URI is longer', more: { redirect_uri: `${CALLBACK}/` }, status: 400 },
    { because: 'the redirect URI is no address', more: { redirect_uri: '' }, status: 400 },
  ])('gets an error page here, because $because', async ({ more, status }) => {
    const app = await vault();
    expect((await authorize(authorizeParams(app, more), 'jo')).status).toBe(status);
  });

  it('may lead to any address that an expression matches completely', async () => {
    const app = await vault({
      redirect_uris: [{ matching_mode: 'regex', url: 'https://[a-z]+\\.example\\.dev/cb' }],
    });
    const to = async (uri: string) =>
      (await authorize(authorizeParams(app, { redirect_uri: uri }), 'jo')).status;
    expect(await to('https://a.example.dev/cb')).toBe(302);
    expect(await to('https://a.example.dev/cb/x')).toBe(400);
    expect(await to('https://evil.example.org/?https://a.example.dev/cb')).toBe(400);
  });

  it.each<{ version: AuthentikVersion; fails: boolean }>([
    { version: '2026.5', fails: true },
    { version: '2026.2', fails: false },
  ])('for a provider without grant types fails in $version: $fails', async ({ version, fails }) => {
    await begin(version);
    const app = await vault();
    for (const provider of world.authentik.providers) provider.grant_types = [];
    restore();
    expect(landed(await authorize(authorizeParams(app), 'jo')).error).toBe(
      fails ? 'invalid_request' : undefined,
    );
  });
});

describe('a code', () => {
  it('is valid once', async () => {
    const app = await vault();
    const code = await codeFor(app);
    expect((await redeemed(app, { code })).status).toBe(200);
    expect(await redeemed(app, { code })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('is valid for a minute', async () => {
    const app = await vault();
    const code = await codeFor(app);
    world = await worldOf();
    world.clockOffset += 60_001;
    restore();
    expect(await redeemed(app, { code })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each<{ because: string; asking?: Record<string, string>; more: Record<string, string>; error: string }>([
    { because: 'the secret is wrong', more: { client_secret: 'x' }, error: 'invalid_client' },
    { because: 'the redirect URI is another', more: { redirect_uri: 'https://x' }, error: 'invalid_grant' },
    {
      because: 'the verifier is missing',
      asking: { code_challenge: 'abc' },
      more: {},
      error: 'invalid_grant',
    },
    {
      because: 'the verifier is wrong',
      asking: { code_challenge: 'abc', code_challenge_method: 'S256' },
      more: { code_verifier: 'abc' },
      error: 'invalid_grant',
    },
    { because: 'nobody announced a verifier', more: { code_verifier: 'abc' }, error: 'invalid_grant' },
    { because: 'no such grant is played', more: { grant_type: 'password' }, error: 'unsupported_grant_type' },
  ])('is refused with $error, because $because', async ({ asking = {}, more, error }) => {
    const app = await vault();
    const code = await codeFor(app, asking);
    expect(await redeemed(app, { code, ...more })).toMatchObject({ status: 400, body: { error } });
  });

  it('cannot be exchanged if tokens would be encrypted', async () => {
    const app = await vault({ encryption_key: world.authentik.keyPairs[0]?.pk });
    const code = await codeFor(app);
    const response = await there.sandbox.fetch(`${there.sandbox.urls.authentik}/application/o/token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: app.client_id,
        client_secret: app.client_secret,
        grant_type: 'authorization_code',
        redirect_uri: CALLBACK,
        code,
      }).toString(),
    });
    expect(response.status).toBe(500);
  });

  it('leads only to the claims of its scopes and their mappings', async () => {
    const custom = await call(world, 'POST', '/propertymappings/provider/scope/', {
      name: 'verified',
      scope_name: 'verified',
      expression: 'return {"email": request.user.email, "email_verified": True, "roles": ["a"]}',
    });
    const openid = world.authentik.scopeMappings.find(({ scope_name }) => scope_name === 'openid')?.pk;
    const app = await vault({ property_mappings: [openid, custom.pk], sub_mode: 'user_username' });
    const { body } = await redeemed(app, { code: await codeFor(app, { scope: 'openid verified profile' }) });
    expect(body.scope).toBe('openid verified');
    const claims = JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ sub: 'jo', email: 'jo@example.dev', email_verified: true, roles: ['a'] });
    expect(claims.name).toBeUndefined();
    expect(body.refresh_token).toBeUndefined();
  });
});

it('the issuer has the host that a proxy forwards', async () => {
  await vault();
  const headers = { 'X-Forwarded-Host': 'public.example.dev' };
  const reply = await there.visit(`${issuer()}.well-known/openid-configuration`, headers);
  expect(await reply.json()).toMatchObject({ issuer: 'http://public.example.dev/application/o/vault/' });
});

it('the issuer covers all applications if the provider says so', async () => {
  await vault({ issuer_mode: 'global' });
  const reply = await there.visit(`${issuer()}.well-known/openid-configuration`);
  expect(await reply.json()).toMatchObject({ issuer: `${there.sandbox.urls.authentik}/` });
});

it('a logout ends the session, and redirects only if the provider allows it', async () => {
  const bye = 'https://vault.example.dev/bye';
  await vault({
    redirect_uris: [
      { matching_mode: 'strict', url: CALLBACK },
      { matching_mode: 'strict', url: bye, redirect_uri_type: 'logout' },
    ],
  });
  const cookie = await cookieOf('jo');
  const leave = (to: string) =>
    there.visit(`${issuer()}end-session/?post_logout_redirect_uri=${to}`, { cookie });
  expect((await leave(CALLBACK)).status).toBe(200);
  expect((await leave(bye)).headers.get('location')).toBe(bye);
  expect((await worldOf()).authentik.sessions).toEqual([]);
});
