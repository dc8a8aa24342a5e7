import { beforeEach, describe, expect, it } from 'vitest';
import { token } from '../../../../src/lab/sandbox/authentik/oidc/token.ts';
import { firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { AuthentikVersion } from '../../../../src/lab/sandbox/state/authentik-version.ts';
import type { JsonObject, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addGate, call, flowsOf, type Gate } from '../authentik/gate.ts';
import { addRecord, setIngress, visit } from './scene.ts';

const HOST = 'wiki.example.dev';
const TOKEN = 'issued-by-vault';

let world: World;
let wiki: Gate;
/** A client at which everybody may log in. */
let vault: number;

async function begin(version: AuthentikVersion = '2026.8'): Promise<void> {
  world = firstWorld({ zones: ['example.dev'], authentikVersion: version });
  for (const name of [HOST, 'auth.example.dev']) addRecord(world, { name });
  setIngress(world, [{ service: 'http://traefik.lan' }]);
  world.origins = [
    { url: 'http://traefik.lan', kind: 'traefik', forwardAuth: [HOST], trustForwarded: false },
  ];
  world.playsCache = false;
  wiki = await addGate(world, 'wiki', { members: ['jo'] });
  vault = await client('vault');
  world.guards = [{ host: HOST, admit: { groups: ['wiki people'] } }];
  issue(vault, 'akadmin');
}

async function client(name: string): Promise<number> {
  const { pk } = await call(world, 'POST', '/providers/oauth2/', {
    name,
    ...flowsOf(world),
    grant_types: ['client_credentials'],
    redirect_uris: [],
  });
  await call(world, 'POST', '/core/applications/', { name, slug: name, provider: pk });
  return pk;
}

function issue(provider: number, username: string): void {
  const user = world.authentik.users.find((row) => row.username === username)?.pk ?? 0;
  const consent = { provider, user, scopes: ['openid'], nonce: null, loggedIn: 0 };
  world.authentik.grants = [{ ...consent, kind: 'access', token: TOKEN, until: Number.POSITIVE_INFINITY }];
}

/** Changes the provider of the host. */
function change(more: JsonObject): Promise<unknown> {
  return call(world, 'PATCH', `/providers/proxy/${wiki.provider}/`, { mode: 'forward_single', ...more });
}

const shown = { authorization: `Bearer ${TOKEN}` };

beforeEach(() => begin());

describe('an outpost', () => {
  it('accepts a token of its own provider, and none of another one', async () => {
    expect(await visit(world, `https://${HOST}`, shown)).toMatchObject({ status: 302 });
    issue(wiki.provider, 'jo');
    expect(await visit(world, `https://${HOST}`, shown)).toMatchObject({ status: 200, servedBy: 'origin' });
  });

  it('accepts tokens of the providers that its own trusts, whatever the bindings say about the person', async () => {
    await change({ jwt_federation_providers: [vault] });
    const seen = await visit(world, `https://${HOST}`, shown);
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(JSON.parse(seen.text).headers['x-authentik-username']).toBe('akadmin');
  });

  it('accepts none of them before 2026.5', async () => {
    await begin('2026.2');
    await change({ jwt_federation_providers: [vault] });
    expect(await visit(world, `https://${HOST}`, shown)).toMatchObject({ status: 302 });
    expect(judge(world, 1)).toEqual([]);
  });

  it.each([
    { version: '2026.8', grants: ['authorization_code'], status: 302, because: 'the grant is not allowed' },
    { version: '2026.8', grants: ['client_credentials'], status: 200, because: 'the grant is allowed' },
    { version: '2026.2', grants: [], status: 200, because: 'this release allows every grant' },
  ] as const)(
    'answers $status on $version to a user name with an app password, because $because',
    async ({ version, grants, status }) => {
      await begin(version);
      const key = 'app-password-of-jo';
      const jo = world.authentik.users.find(({ username }) => username === 'jo');
      for (const [identifier, user, secret] of [
        ['jo', jo?.pk, key],
        ['outsider', world.authentik.users.find(({ username }) => username === 'akadmin')?.pk, 'other'],
      ] as const) {
        await call(world, 'POST', '/core/tokens/', { identifier, user, intent: 'app_password' });
        const [row] = world.authentik.tokens.slice(-1);
        if (row !== undefined) row.key = secret;
      }
      if (grants.length > 0)
        await call(world, 'PATCH', `/providers/oauth2/${wiki.provider}/`, { grant_types: grants });
      await change({ intercept_header_auth: false });
      const basic = (text: string) => ({
        authorization: `Basic ${Buffer.from(text).toString('base64')}`,
      });
      const as = async (text: string) => (await visit(world, `https://${HOST}`, basic(text))).status;
      expect(await as(`jo:${key}`)).toBe(status);
      // This grant runs no authorization flow, so one that asks for more changes nothing.
      const mfa = { name: 'MFA', slug: 'mfa', title: 'MFA', designation: 'authorization' };
      await change({ authorization_flow: (await call(world, 'POST', '/flows/instances/', mfa)).pk });
      expect(await as(`jo:${key}`)).toBe(status);
      // A wrong password, somebody else's password, and a person whom no binding admits.
      expect(await as('jo:wrong')).toBe(302);
      expect(await as(`akadmin:${key}`)).toBe(302);
      expect(await as('akadmin:other')).toBe(302);
    },
  );

  it('sends the application a name and a password with basic authentication', async () => {
    issue(wiki.provider, 'jo');
    const attributes = { app_password: 'hunter2' };
    const jo = world.authentik.users.find(({ username }) => username === 'jo');
    await call(world, 'PATCH', `/core/users/${jo?.pk}/`, { attributes });
    await change({
      basic_auth_enabled: true,
      basic_auth_user_attribute: 'app_user',
      basic_auth_password_attribute: 'app_password',
    });
    const seen = await visit(world, `https://${HOST}`, shown);
    const told = Buffer.from('jo@example.dev:hunter2').toString('base64');
    expect(JSON.parse(seen.text).headers.authorization).toBe(`Basic ${told}`);
  });
});

describe('the oracle', () => {
  it('reports everybody who may log in to a provider that the guarded one trusts', async () => {
    expect(judge(world, 1)).toEqual([]);
    await change({ jwt_federation_providers: [vault] });
    const found = judge(world, 2).map(({ host, path, principal }) => `${principal} ${host}${path}`);
    expect(found).toContain(`stranger@example.net ${HOST}/`);
    expect(found).not.toContain(`anonymous ${HOST}/`);
  });

  it('reports the same for a guarded client, which asks Authentik about its tokens', async () => {
    const api = await client('api');
    const { pk } = await call(world, 'GET', '/core/applications/api/');
    await call(world, 'POST', '/policies/bindings/', { target: pk, group: wiki.group, order: 0 });
    world.guards = [{ host: 'api.example.dev', client: 'api', admit: { groups: ['wiki people'] } }];
    expect(judge(world, 1)).toEqual([]);
    await call(world, 'PATCH', `/providers/oauth2/${api}/`, { jwt_federation_providers: [vault] });
    expect(judge(world, 2)).toContainEqual(
      expect.objectContaining({ principal: 'stranger@example.net', path: '/application/o/introspect/' }),
    );
  });
});

describe('the token endpoint', () => {
  const ask = (params: Record<string, string>) => {
    const all = { grant_type: 'client_credentials', client_id: 'api', ...params };
    return token(world, { params: new URLSearchParams(all), authorization: null, origin: 'https://auth' });
  };
  const assertion = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: TOKEN,
  };

  it('exchanges a token of a trusted provider for its own, for people whom the bindings admit', async () => {
    const api = await client('api');
    const { pk } = await call(world, 'GET', '/core/applications/api/');
    await call(world, 'POST', '/policies/bindings/', { target: pk, group: wiki.group, order: 0 });
    await call(world, 'PATCH', `/providers/oauth2/${api}/`, { client_id: 'api' });
    issue(vault, 'jo');
    expect(ask(assertion)).toMatchObject({ status: 400 });
    await call(world, 'PATCH', `/providers/oauth2/${api}/`, { jwt_federation_providers: [vault] });
    expect(ask(assertion)).toMatchObject({ status: 200 });
    expect(ask({ ...assertion, client_assertion_type: 'other' })).toMatchObject({ status: 400 });
    issue(vault, 'akadmin');
    expect(ask(assertion)).toMatchObject({ status: 400 });
  });
});
