import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, newClient, type Reply } from '../client.ts';

let client: Client;

beforeEach(async () => {
  client = await newClient();
});

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const { urls, authentikToken } = client.sandbox;
  return client.sandbox.fetch(`${urls.authentik}/api/v3${path}`, {
    method,
    headers: { authorization: `Bearer ${authentikToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function groups(): Promise<string[]> {
  const reply = (await (await call('GET', '/core/groups/')).json()) as { results: { name: string }[] };
  return reply.results.map(({ name }) => name);
}

function edit(method: string, path: string, body?: unknown): Promise<Reply> {
  return client.admin('POST', '/edit', {
    actor: 'ann',
    system: 'authentik',
    method,
    path: `/api/v3${path}`,
    body,
  });
}

it('calls are logged with their status, and audited under the name behind the token', async () => {
  await call('POST', '/core/groups/', { name: 'family' });
  await call('POST', '/core/groups/', { name: 'family' });
  expect(client.sandbox.calls()).toEqual([
    {
      n: 1,
      system: 'authentik',
      method: 'POST',
      path: '/api/v3/core/groups/',
      status: 201,
      write: true,
      caller: 'akadmin',
    },
    {
      n: 2,
      system: 'authentik',
      method: 'POST',
      path: '/api/v3/core/groups/',
      status: 400,
      write: true,
      caller: 'akadmin',
    },
  ]);
  expect((await client.admin('GET', '/audit')).body).toMatchObject([{ actor: 'akadmin', status: 201 }]);
});

describe('an edit', () => {
  it('needs no token, is no call, and has its actor in the events', async () => {
    expect((await edit('POST', '/core/groups/', { name: 'family' })).status).toBe(201);
    expect(client.sandbox.calls()).toEqual([]);
    expect(await groups()).toEqual(['authentik Admins', 'family']);
    const events = (await (await call('GET', '/events/events/?username=ann')).json()) as {
      results: unknown[];
    };
    expect(events.results).toMatchObject([{ action: 'model_created', user: { username: 'ann' } }]);
    expect((await client.admin('GET', '/audit')).body).toMatchObject([{ actor: 'ann', system: 'authentik' }]);
  });

  it('can request a token of another person', async () => {
    await edit('POST', '/core/tokens/', { identifier: 'jo', user: 4, expiring: false });
    const { body } = await edit('GET', '/core/tokens/jo/view_key/', null);
    const reply = await client.sandbox.fetch(`${client.sandbox.urls.authentik}/api/v3/core/users/me/`, {
      headers: { authorization: `Bearer ${body.key}` },
    });
    expect(await reply.json()).toMatchObject({ user: { username: 'jo', is_superuser: false } });
  });
});

describe('faults', () => {
  it.each([
    { fault: 'drop', there: false },
    { fault: 'lose-reply', there: true },
  ])('$fault: the group is there: $there', async ({ fault, there }) => {
    await client.admin('POST', '/faults', { match: { system: 'authentik', method: 'POST' }, fault });
    await expect(call('POST', '/core/groups/', { name: 'family' })).rejects.toThrow(
      new TypeError('fetch failed'),
    );
    expect((await groups()).includes('family')).toBe(there);
  });
});

it.each([
  { status: 503, type: 'application/json', retry: '5', because: 'it says that it is starting' },
  { status: 502, type: 'text/html; charset=utf-8', retry: null, because: 'what breaks speaks HTML' },
  { status: 429, type: 'application/json', retry: '1', because: 'the API itself refuses' },
])('a fault of $status is $type, because $because', async ({ status, type, retry }) => {
  await client.admin('POST', '/faults', { match: { system: 'authentik' }, fault: 'status', status });
  const reply = await call('GET', '/core/groups/');
  expect([reply.status, reply.headers.get('content-type'), reply.headers.get('retry-after')]).toEqual([
    status,
    type,
    retry,
  ]);
});

it('a snapshot has the complete state', async () => {
  const before = client.sandbox.snapshot();
  await call('POST', '/core/groups/', { name: 'family' });
  const after = client.sandbox.snapshot();
  client.sandbox.restore(before);
  expect(await groups()).toEqual(['authentik Admins']);
  client.sandbox.restore(after);
  expect(await groups()).toEqual(['authentik Admins', 'family']);
});

it('all paths outside the API are its public host', async () => {
  const page = await client.sandbox.fetch(`${client.sandbox.urls.authentik}/if/flow/x/`);
  expect([page.status, page.headers.get('x-sandbox-served-by')]).toEqual([200, 'authentik']);
});

it('the first world has one person in no group, and an administrator', async () => {
  const reply = (await (await call('GET', '/core/users/?type=internal')).json()) as {
    results: { username: string; email: string; groups: string[]; is_superuser: boolean }[];
  };
  expect(
    reply.results.map(({ username, email, groups: of, is_superuser }) => [
      username,
      email,
      of.length,
      is_superuser,
    ]),
  ).toEqual([
    ['akadmin', 'admin@example.dev', 1, true],
    ['jo', 'jo@example.dev', 0, false],
  ]);
});

it('the API also answers through the tunnel', async () => {
  const { account, zoneId, sandbox } = client;
  const { body } = await client.api('GET', `${account}/cfd_tunnel?name=homelab`);
  const [tunnel] = body.result;
  await client.api('POST', `/zones/${zoneId}/dns_records`, {
    type: 'CNAME',
    name: 'auth',
    content: `${tunnel.id}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  });
  const ingress = [
    { hostname: 'auth.example.dev', service: 'http://authentik.lan:9000' },
    { service: 'http_status:404' },
  ];
  await client.api('PUT', `${account}/cfd_tunnel/${tunnel.id}/configurations`, { config: { ingress } });
  const post = await sandbox.fetch('https://auth.example.dev/api/v3/core/groups/', {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.authentikToken}`, 'content-type': 'application/json' },
    body: '{"name":"family"}',
  });
  expect([post.status, post.headers.has('cf-ray')]).toEqual([201, true]);
  const anonymous = await client.visit('https://auth.example.dev/api/v3/core/groups/');
  expect([anonymous.status, anonymous.headers.get('x-sandbox-served-by')]).toEqual([403, 'authentik']);
});
