import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { addGate, addGroup, call } from '../authentik/gate.ts';
import {
  type AccessScene,
  AUTH,
  access,
  accessScene,
  guardHost,
  NAS,
  openId,
  PROXMOX,
  stock,
  TEAM,
} from './access-scene.ts';
import { browserOf, type Landing } from './browser.ts';
import { addPolicy, addRecord, guardedRule, newWorld, setIngress, visit } from './scene.ts';

let world: World;
let client: AccessScene['client'];
let provider: string;
let pin: string;
let proxmox: AccessScene['proxmox'];

beforeEach(async () => {
  world = newWorld();
  ({ client, provider, pin, proxmox } = await accessScene(world));
});

function rewritten(config: object): Promise<unknown> {
  return access(world, 'PUT', `/identity_providers/${provider}`, openId(client, config));
}

function patched(fields: object): Promise<unknown> {
  return call(world, 'PATCH', `/providers/oauth2/${client.pk}/`, fields);
}

/** The hosts and paths that a browser visited, in order. */
function path(landing: Landing): string[] {
  return landing.way.map((url) => new URL(url)).map(({ host, pathname }) => host + pathname);
}

describe('Access through Authentik', () => {
  it('is one login for two hosts, with a JWT that verifies', async () => {
    const jo = browserOf(world, { username: 'jo' });
    const first = await jo.follow(`https://${PROXMOX}/nodes?x=1`);
    expect(first).toMatchObject({ status: 200, servedBy: 'origin', url: `https://${PROXMOX}/nodes?x=1` });
    expect(path(first)).toEqual([
      `${PROXMOX}/nodes`,
      `${TEAM}/cdn-cgi/access/login/${PROXMOX}`,
      `${AUTH}/application/o/authorize/`,
      `${AUTH}/if/flow/default-authentication-flow/`,
      `${AUTH}/application/o/authorize/`,
      `${TEAM}/cdn-cgi/access/callback`,
      `${PROXMOX}/cdn-cgi/access/authorized`,
      `${PROXMOX}/nodes`,
    ]);
    const { headers } = JSON.parse(first.text);
    const certs = JSON.parse((await visit(world, `https://${TEAM}/cdn-cgi/access/certs`)).text);
    const { payload } = await jwtVerify(headers['cf-access-jwt-assertion'], createLocalJWKSet(certs), {
      issuer: `https://${TEAM}`,
      audience: proxmox.aud,
    });
    expect(payload).toMatchObject({
      email: 'jo@example.dev',
      custom: { groups: ['juniors', 'admins', 'juniors'] },
    });
    expect(payload).not.toHaveProperty('identity');

    const second = await jo.follow(`https://${NAS}/`);
    expect(second).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(path(second)).toEqual([
      `${NAS}/`,
      `${TEAM}/cdn-cgi/access/login/${NAS}`,
      `${NAS}/cdn-cgi/access/authorized`,
      `${NAS}/`,
    ]);
    expect(jo.logins()).toBe(1);
  });

  it('is the same login as that of a host behind the outpost', async () => {
    const wiki = 'wiki.example.dev';
    await addGate(world, 'wiki', { members: ['jo'] });
    addRecord(world, { name: wiki });
    const url = 'http://traefik.lan';
    world.origins = [{ url, kind: 'traefik', forwardAuth: [wiki], trustForwarded: false }];
    setIngress(world, [guardedRule(PROXMOX, proxmox), { service: url }]);
    const jo = browserOf(world, { username: 'jo' });
    for (const host of [wiki, PROXMOX]) {
      expect(await jo.follow(`https://${host}/`)).toMatchObject({ status: 200, servedBy: 'origin' });
    }
    expect(jo.logins()).toBe(1);
  });

  it('requests the configured scopes, and authenticates itself if configured', async () => {
    await rewritten({ pkce_enabled: true });
    const page = await visit(world, await loginPage());
    const asked = Object.fromEntries(new URL(page.headers.get('location') ?? '').searchParams);
    expect(asked).toEqual({
      client_id: client.client_id,
      redirect_uri: `https://${TEAM}/cdn-cgi/access/callback`,
      response_type: 'code',
      scope: 'openid email profile gates',
      state: expect.stringMatching(/^[0-9a-f]{64}$/),
      code_challenge: expect.any(String),
      code_challenge_method: 'S256',
    });
    expect(await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`)).toMatchObject({
      status: 200,
    });
  });

  it('admits a person outside the groups nowhere, whoever logs them in', async () => {
    await call(world, 'POST', '/core/users/', { username: 'kim', name: 'Kim', email: 'kim@example.dev' });
    const kim = await browserOf(world, { username: 'kim' }).follow(`https://${PROXMOX}/`);
    expect(kim).toMatchObject({ status: 403, servedBy: 'access' });
    expect(new URL(kim.url).pathname).toBe('/cdn-cgi/access/callback');
    expect(world.sessions).toEqual([]);
  });

  it('ends at Authentik for people whom the application of Access does not admit', async () => {
    const application = world.authentik.applications.find(({ slug }) => slug === 'access')?.pk;
    const others = await addGroup(world, 'others', []);
    await call(world, 'POST', '/policies/bindings/', { target: application, group: others, order: 0 });
    const jo = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(jo).toMatchObject({
      status: 200,
      servedBy: 'authentik',
      text: expect.stringContaining('Permission denied'),
    });
  });

  it.each<{ because: string; expression: string; groups: string[] | undefined }>([
    {
      because: 'the groups of a member alone are listed',
      expression: 'return {"groups": [group.name for group in request.user.ak_groups.all()]}',
      groups: ['juniors'],
    },
    {
      because: 'the expression is longer than a list',
      expression: 'names = [g.name for g in request.user.all_groups()]\nreturn {"groups": names}',
      groups: undefined,
    },
    {
      because: 'another variable is named than the one that runs',
      expression: 'return {"groups": [g.name for group in request.user.all_groups()]}',
      groups: undefined,
    },
  ])('sends no inherited group if $because', async ({ expression, groups }) => {
    const mapping = world.authentik.scopeMappings.find(({ scope_name }) => scope_name === 'gates');
    await call(world, 'PATCH', `/propertymappings/provider/scope/${mapping?.pk}/`, { expression });
    await patched({ property_mappings: [...stock(world, 'openid', 'email'), mapping?.pk] });
    expect(await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`)).toMatchObject({
      status: 403,
    });
    proxmox.policies = [{ id: addPolicy(world, 'allow', [{ everyone: {} }]).id, precedence: 1 }];
    await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(world.sessions.at(-1)?.custom?.groups).toEqual(groups);
  });

  it.each<{ because: string; plant: () => unknown; fault: string }>([
    {
      because: 'Authentik has no key to sign with',
      plant: () => patched({ signing_key: null }),
      fault: 'the certificate address shows no keys',
    },
    {
      because: 'the token would be encrypted',
      plant: () => patched({ encryption_key: world.authentik.keyPairs[0]?.pk }),
      fault: 'the token endpoint answers 500',
    },
    {
      because: 'the secret is another',
      plant: () => rewritten({ client_secret: 'other' }),
      fault: 'the token endpoint answers 400',
    },
    {
      because: 'the secret was not sent again',
      plant: () => rewritten({ client_secret: undefined }),
      fault: 'the token endpoint answers 400',
    },
    {
      because: 'the token does not say who it is',
      plant: () => patched({ include_claims_in_id_token: false }),
      fault: 'the ID token has no claim email',
    },
    {
      because: 'another claim is to be the address',
      plant: () => rewritten({ email_claim_name: 'mail' }),
      fault: 'the ID token has no claim mail',
    },
    {
      because: 'the keys are those of nobody',
      plant: () => rewritten({ certs_url: `https://${AUTH}/application/o/nobody/jwks/` }),
      fault: 'the certificate address answers 404',
    },
    {
      because: 'the tokens are given elsewhere',
      plant: () => rewritten({ token_url: 'https://login.example.org/token' }),
      fault: 'the token endpoint answers 502',
    },
    {
      because: 'the application allows another provider by now',
      plant: () => {
        proxmox.settings = { allowed_idps: [pin] };
      },
      fault: 'the application does not allow this identity provider any more',
    },
  ])('fails, because $because', async ({ plant, fault }) => {
    const jo = browserOf(world, { username: 'jo' });
    const callback = await jo.follow(`https://${PROXMOX}/`, { until: '/cdn-cgi/access/callback' });
    await plant();
    const landing = await jo.follow(callback.url);
    expect(landing).toMatchObject({ status: 400, servedBy: 'access' });
    expect(landing.headers.get('x-sandbox-error')).toBe(fault);
    expect(world.sessions).toEqual([]);
  });

  it('ends at Authentik if the callback of Access is none of the redirect URIs', async () => {
    await patched({ redirect_uris: [{ matching_mode: 'strict', url: `https://${TEAM}/` }] });
    const landing = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(landing).toMatchObject({ status: 400, servedBy: 'authentik' });
  });

  it('reports Authentik’s error for a client without grant types', async () => {
    for (const row of world.authentik.providers) row.grant_types = [];
    const landing = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(landing.headers.get('x-sandbox-error')).toBe('the identity provider says invalid_request');
  });

  it('fails if nobody requested an ID token', async () => {
    await rewritten({ scopes: ['email', 'gates'] });
    const landing = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(landing.headers.get('x-sandbox-error')).toBe('the token endpoint gave no ID token');
  });

  it('loops if Authentik is behind an application that asks for identity', async () => {
    const jo = browserOf(world, { username: 'jo' });
    const callback = await jo.follow(`https://${PROXMOX}/`, { until: '/cdn-cgi/access/callback' });
    guardHost(world, AUTH, provider);
    const landing = await jo.follow(callback.url);
    expect(landing.headers.get('x-sandbox-error')).toBe('the token endpoint answers 302');
    const lost = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(lost).toMatchObject({ status: 302 });
    expect(lost.way.length).toBeGreaterThan(15);
  });

  it('accepts no code from another browser, none twice, and none too late', async () => {
    const jo = browserOf(world, { username: 'jo' });
    const { url } = await jo.follow(`https://${PROXMOX}/`, { until: '/cdn-cgi/access/callback' });
    const stolen = await browserOf(world, { username: 'kim' }).follow(url);
    expect(stolen).toMatchObject({ status: 400 });
    expect(await jo.follow(url)).toMatchObject({ status: 400 });
    const late = await jo.follow(`https://${PROXMOX}/`, { until: '/cdn-cgi/access/callback' });
    world.clockOffset += 600_000;
    const landing = await jo.follow(late.url);
    expect(landing.headers.get('x-sandbox-error')).toBe('invalid session');
  });

  it('gives no session to a host that is not the application’s own', async () => {
    const elsewhere = (await loginPage()).replace(`/login/${PROXMOX}`, `/login/${AUTH}`);
    expect(await visit(world, elsewhere)).toMatchObject({ status: 404 });
  });
});

async function loginPage(): Promise<string> {
  return (await visit(world, `https://${PROXMOX}/`)).headers.get('location') ?? '';
}
