import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, newClient } from './client.ts';

let client: Client;

beforeEach(async () => {
  client = await newClient();
});

/** Makes an application for one person on app.example.dev, through the API. */
async function makeApp(host = 'app.example.dev'): Promise<{ id: string; aud: string }> {
  const policy = await client.api('POST', `${client.account}/access/policies`, {
    name: 'me',
    decision: 'allow',
    include: [{ email: { email: 'me@example.dev' } }],
  });
  const app = await client.api('POST', `${client.account}/access/apps`, {
    type: 'self_hosted',
    name: host,
    domain: host,
    policies: [{ id: policy.body.result.id, precedence: 1 }],
  });
  return app.body.result;
}

/** Publishes app.example.dev through the tunnel, guarded by the JWT of `aud`. */
async function publish(aud: string): Promise<void> {
  const [tunnel] = (await client.api('GET', `${client.account}/cfd_tunnel?is_deleted=false`)).body.result;
  const originRequest = { access: { required: true, teamName: 'example', audTag: [aud] } };
  await client.api('PUT', `${client.account}/cfd_tunnel/${tunnel.id}/configurations`, {
    config: {
      ingress: [
        { hostname: 'app.example.dev', service: 'http://app.lan', originRequest },
        { service: 'http_status:404' },
      ],
    },
  });
  await client.api('POST', `/zones/${client.zoneId}/dns_records`, {
    type: 'CNAME',
    name: 'app',
    content: `${tunnel.id}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  });
}

describe('a login', () => {
  it('gives a session that the edge accepts if the policies admit the person', async () => {
    const app = await makeApp();
    await publish(app.aud);
    const { body } = await client.admin('POST', '/login', {
      host: 'app.example.dev',
      email: 'me@example.dev',
    });
    expect(body.aud).toBe(app.aud);
    expect(decodeJwt(body.jwt)).toMatchObject({ aud: [app.aud], email: 'me@example.dev' });
    const seen = await client.visit('https://app.example.dev/', { cookie: body.cookie });
    expect([seen.status, seen.headers.get('x-sandbox-served-by')]).toEqual([200, 'origin']);
    expect((await client.visit('https://app.example.dev/')).status).toBe(302);
  });

  it('ends when the API revokes the tokens of the application', async () => {
    const app = await makeApp();
    await publish(app.aud);
    const { body } = await client.admin('POST', '/login', {
      host: 'app.example.dev',
      email: 'me@example.dev',
    });
    await client.api('POST', `${client.account}/access/apps/${app.id}/revoke_tokens`);
    await client.sandbox.arrive();
    expect((await client.visit('https://app.example.dev/', { cookie: body.cookie })).status).toBe(302);
  });

  it('is 403 if no policy admits the person, and 400 without an application', async () => {
    const app = await makeApp();
    const login = (host: string, email: string) => client.admin('POST', '/login', { host, email });
    expect(await login('app.example.dev', 'you@example.dev')).toMatchObject({
      status: 403,
      body: { aud: app.aud },
    });
    expect(await login('other.example.dev', 'me@example.dev')).toMatchObject({ status: 400 });
  });

  it('by force gives a session of any application to anybody', async () => {
    const { aud } = await makeApp();
    const forced = await client.admin('POST', '/login', { aud, email: 'you@example.dev', force: true });
    expect(decodeJwt(forced.body.jwt)).toMatchObject({ aud: [aud], email: 'you@example.dev' });
    const unknown = await client.admin('POST', '/login', { aud: 'x', email: 'you@example.dev', force: true });
    expect(unknown.status).toBe(400);
  });

  it('needs a person and a place', async () => {
    expect(await client.admin('POST', '/login', { host: 'app.example.dev' })).toMatchObject({ status: 400 });
    expect(await client.admin('POST', '/login', {})).toMatchObject({ status: 400 });
  });

  it('without a host is one at Authentik, for an active person by name or address', async () => {
    const jo = await client.admin('POST', '/login', { username: 'jo' });
    expect(jo).toMatchObject({ status: 200, body: { user: 4 } });
    expect(jo.body.cookie).toBe(`authentik_session=${jo.body.session}`);
    expect(await client.admin('POST', '/login', { email: 'JO@example.dev' })).toMatchObject({ status: 200 });
    expect(await client.admin('POST', '/login', { email: 'me@example.dev' })).toMatchObject({ status: 403 });
  });
});

describe('the clock', () => {
  it('advances by the requested time, and changes that arrive meanwhile are judged', async () => {
    client = await newClient({ settle: 60_000 });
    const { account, zoneId } = client;
    const { body } = await client.api('GET', `${account}/cfd_tunnel?name=homelab`);
    const tunnel = body.result[0].id;
    const record = {
      type: 'CNAME',
      name: 'app',
      content: `${tunnel}.cfargotunnel.com`,
      proxied: true,
      ttl: 1,
    };
    await client.api('POST', `/zones/${zoneId}/dns_records`, record);
    await client.admin('PUT', '/guards', { host: 'app.example.dev', admit: {} });
    const ingress = [{ service: 'http://app.lan' }];
    await client.api('PUT', `${account}/cfd_tunnel/${tunnel}/configurations`, { config: { ingress } });
    expect(client.sandbox.exposures()).toEqual([]);
    const before = Date.now();
    const { body: told } = await client.admin('POST', '/clock', { advance: '2m' });
    expect(Date.parse(told.now) - before).toBeGreaterThanOrEqual(120_000);
    expect(client.sandbox.exposures()).toContainEqual(
      expect.objectContaining({ host: 'app.example.dev', principal: 'anonymous' }),
    );
  });

  it.each(['', '7', '-1d', '1w'])('does not advance by %o', async (advance) => {
    expect(await client.admin('POST', '/clock', { advance })).toMatchObject({ status: 400 });
  });
});

describe('guards and origins', () => {
  it('are replaced by host and path, and by URL', async () => {
    const one = { host: 'a.example.dev', admit: { public: true } };
    const two = { host: 'a.example.dev', path: '/x/**', admit: {} };
    await client.admin('PUT', '/guards', [one, two]);
    const { body } = await client.admin('PUT', '/guards', { ...one, admit: {} });
    expect(body).toEqual([two, { ...one, admit: {} }]);
    await client.admin('PUT', '/origins', { url: 'http://Traefik.lan:80/', kind: 'traefik' });
    await client.admin('PUT', '/origins', { url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'all' });
    expect((await client.admin('GET', '/origins')).body).toEqual([
      { url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'all', trustForwarded: false },
    ]);
  });

  it.each([
    { path: '/guards', body: { admit: {} }, because: 'a guard has a host' },
    { path: '/guards', body: { host: 'a.example.dev' }, because: 'a guard admits or does not' },
    {
      path: '/guards',
      body: { host: 'a.example.dev', path: 'x', admit: {} },
      because: 'a path begins with /',
    },
    { path: '/origins', body: { url: 'http://a.lan' }, because: 'an origin is of a kind' },
    {
      path: '/origins',
      body: { url: 'http://a.lan', kind: 'traefik', forwardAuth: 'some' },
      because: 'all, none or hosts',
    },
  ])('are refused with PUT $path $body, because $because', async ({ path, body }) => {
    expect(await client.admin('PUT', path, body)).toMatchObject({ status: 400 });
  });
});

describe('the state', () => {
  it('is restored completely, including future ids', async () => {
    const { body } = await client.admin('GET', '/state');
    const first = await makeApp();
    expect((await client.admin('PUT', '/state', body)).status).toBe(200);
    expect(client.sandbox.calls()).toEqual([]);
    expect((await makeApp()).id).toBe(first.id);
  });

  it('is restored from a snapshot, without a trace of later changes', async () => {
    await makeApp();
    const snapshot = client.sandbox.snapshot();
    await makeApp('b.example.dev');
    client.sandbox.restore(snapshot);
    expect(client.sandbox.snapshot()).toBe(snapshot);
    client.sandbox.restore(snapshot);
    await makeApp('c.example.dev');
    client.sandbox.restore(snapshot);
    expect(client.sandbox.snapshot()).toBe(snapshot);
  });

  it('is the first one again after a reset, with the same token', async () => {
    await makeApp();
    await client.admin('POST', '/reset');
    expect(client.sandbox.calls()).toEqual([]);
    expect((await client.api('GET', `${client.account}/access/apps`)).body.result).toEqual([]);
  });

  it('is refused when it is invalid', async () => {
    expect(await client.admin('PUT', '/state', { zones: 1 })).toMatchObject({ status: 400 });
  });
});

describe('an unknown admin request', () => {
  it('is 404 with the list of paths, or 400', async () => {
    const lost = await client.admin('GET', '/nothing');
    expect(lost.status).toBe(404);
    expect(lost.body.endpoints).toContain('GET /calls');
    const { urls } = client.sandbox;
    for (const body of ['{', '"text"', 'null']) {
      const response = await client.sandbox.fetch(`${urls.admin}/guards`, { method: 'PUT', body });
      expect(response.status).toBe(400);
    }
  });
});

it('a tunnel without a connector serves once it gets one, and is down after it loses that', async () => {
  client = await newClient({ freshTunnels: 'inactive' });
  const path = `${client.account}/cfd_tunnel`;
  const made = { name: 'lab', config_src: 'cloudflare' };
  const { id } = (await client.api('POST', path, made)).body.result;
  const rule = { hostname: 'app.example.dev', service: 'http://app.lan' };
  const ingress = [rule, { service: 'http_status:404' }];
  await client.api('PUT', `${path}/${id}/configurations`, { config: { ingress } });
  const content = `${id}.cfargotunnel.com`;
  const record = { type: 'CNAME', name: 'app', content, proxied: true, ttl: 1 };
  await client.api('POST', `/zones/${client.zoneId}/dns_records`, record);
  await client.admin('PUT', '/guards', { host: 'app.example.dev', admit: {} });
  const seen = async () => [
    (await client.visit('https://app.example.dev/')).status,
    (await client.api('GET', `${path}/${id}`)).body.result.status,
  ];
  expect(await seen()).toEqual([530, 'inactive']);
  expect(client.sandbox.exposures()).toEqual([]);
  expect((await client.admin('POST', '/connectors', { tunnel: 'none' })).status).toBe(400);
  await client.admin('POST', '/connectors', { tunnel: 'lab' });
  expect(await seen()).toEqual([200, 'healthy']);
  expect(client.sandbox.exposures()).not.toEqual([]);
  await client.api('DELETE', `${path}/${id}/connections`);
  expect(await seen()).toEqual([530, 'down']);
});
