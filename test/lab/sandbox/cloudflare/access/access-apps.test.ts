import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const APP = { type: 'self_hosted', domain: 'app.example.dev', name: 'app' };

async function withPolicies(api: Api): Promise<{ allow: string; token: string; tokenId: string }> {
  const allow = await api.done('POST', `${api.account}/access/policies`, {
    name: 'allow',
    decision: 'allow',
    include: [{ email: { email: 'me@example.dev' } }],
  });
  const serviceToken = await api.done('POST', `${api.account}/access/service_tokens`, { name: 'ci' });
  const token = await api.done('POST', `${api.account}/access/policies`, {
    name: 'token',
    decision: 'non_identity',
    include: [{ service_token: { token_id: serviceToken.id } }],
  });
  return { allow: allow.id, token: token.id, tokenId: serviceToken.id };
}

describe('creating and overwriting an application', () => {
  it('answers 201, 200 and 202, and keeps id and aud over a PUT', async () => {
    const api = createApi();
    const created = await api.call('POST', `${api.account}/access/apps`, APP);
    expect(created.status).toBe(201);
    const { id, aud, created_at } = created.body.result;
    expect(aud).toMatch(/^[0-9a-f]{64}$/);
    const put = await api.call('PUT', `${api.account}/access/apps/${id}`, { ...APP, name: 'other' });
    expect([put.status, put.body.result]).toMatchObject([200, { id, aud, created_at, name: 'other' }]);
    const gone = await api.call('DELETE', `${api.account}/access/apps/${id}`);
    expect([gone.status, gone.body.result]).toEqual([202, { id }]);
    await api.refused(404, 11021, 'GET', `${api.account}/access/apps/${id}`);
  });

  it('shows domain, self_hosted_domains and destinations as three views of the same list', async () => {
    const api = createApi();
    const path = `${api.account}/access/apps`;
    const destinations = [
      { type: 'public', uri: 'B.example.dev/a' },
      { type: 'public', uri: 'b.example.dev/a/*' },
    ];
    const row = await api.done('POST', path, {
      ...APP,
      destinations,
      self_hosted_domains: ['ignored.example.dev'],
    });
    expect(row).toMatchObject({
      domain: 'b.example.dev/a',
      self_hosted_domains: ['b.example.dev/a', 'b.example.dev/a/*'],
      destinations: [
        { type: 'public', uri: 'b.example.dev/a' },
        { type: 'public', uri: 'b.example.dev/a/*' },
      ],
    });
    const byDomains = await api.done('PUT', `${path}/${row.id}`, {
      ...APP,
      self_hosted_domains: ['c.example.dev'],
    });
    expect(byDomains.destinations.map((destination: { uri: string }) => destination.uri)).toEqual([
      'app.example.dev',
      'c.example.dev',
    ]);
  });

  it('resets fields that a PUT leaves out', async () => {
    const api = createApi();
    const path = `${api.account}/access/apps`;
    await api.done('POST', `${api.account}/access/tags`, { name: 'gates-home' });
    const full = {
      ...APP,
      session_duration: '1h',
      app_launcher_visible: false,
      tags: ['gates-home'],
      custom_deny_message: 'no',
    };
    const row = await api.done('POST', path, full);
    expect(row).toMatchObject({ session_duration: '1h', app_launcher_visible: false, tags: ['gates-home'] });
    const put = await api.done('PUT', `${path}/${row.id}`, APP);
    expect(put).toMatchObject({ session_duration: '24h', app_launcher_visible: true, tags: [] });
    expect(put).not.toHaveProperty('custom_deny_message');
  });

  it('omits default values: false and empty for most, true for http_only_cookie_attribute', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.account}/access/apps`, {
      ...APP,
      service_auth_401_redirect: false,
      enable_binding_cookie: false,
      path_cookie_attribute: false,
      skip_interstitial: false,
      allowed_idps: [],
      http_only_cookie_attribute: true,
      allow_iframe: true,
    });
    for (const silent of ['service_auth_401_redirect', 'allowed_idps', 'http_only_cookie_attribute']) {
      expect(row).not.toHaveProperty(silent);
    }
    expect(row.allow_iframe).toBe(true);
  });

  it('accepts everything that it showed', async () => {
    const api = createApi();
    const { allow } = await withPolicies(api);
    const row = await api.done('POST', `${api.account}/access/apps`, {
      ...APP,
      policies: [{ id: allow, precedence: 1 }],
    });
    const put = await api.done('PUT', `${api.account}/access/apps/${row.id}`, row);
    expect({ ...put, updated_at: '' }).toEqual({ ...row, updated_at: '' });
  });
});

describe('a rejected application', () => {
  const twoStars = 'a.*b*.example.dev';
  const rows = [
    { because: 'an empty body', body: {}, says: 'app type is missing or invalid' },
    {
      because: 'destinations without a URI, and no domain',
      body: { type: 'self_hosted', destinations: [{ type: 'public' }] },
      says: 'domain is missing or invalid',
    },
    { because: 'no domain', body: { type: 'self_hosted' }, says: 'domain is missing or invalid' },
    { because: 'an unknown field', body: { ...APP, polices: [] }, says: "unknown field 'polices'" },
    {
      because: 'a field of the wrong type',
      body: { ...APP, app_launcher_visible: 'yes' },
      says: 'must be a boolean',
    },
    {
      because: 'a tag that does not exist',
      body: { ...APP, tags: ['x'] },
      says: 'tags contain a tag that does not exist',
    },
    {
      because: 'a host outside of the zones',
      body: { ...APP, domain: 'app.example.org' },
      says: 'domain does not belong to zone',
    },
    { because: 'a scheme', body: { ...APP, domain: 'https://app.example.dev' }, says: 'scheme' },
    { because: 'a port', body: { ...APP, domain: 'app.example.dev:443' }, says: 'port' },
    { because: 'a query', body: { ...APP, domain: 'app.example.dev/a?b' }, says: 'query' },
    { because: 'two stars between dots', body: { ...APP, domain: twoStars }, says: 'one wildcard' },
    {
      because: 'two stars between slashes',
      body: { ...APP, domain: 'app.example.dev/*a*' },
      says: 'one wildcard',
    },
    {
      because: 'a URI of more than 63 characters',
      body: { ...APP, domain: `app.example.dev/${'x'.repeat(60)}` },
      says: '63',
    },
    {
      because: 'more than fifty destinations',
      body: {
        ...APP,
        destinations: Array.from({ length: 51 }, (_, at) => ({ type: 'public', uri: `a${at}.example.dev` })),
      },
      says: '50 destinations',
    },
    {
      because: 'one destination twice',
      body: {
        ...APP,
        destinations: ['a.example.dev', 'a.example.dev/*'].map((uri) => ({ type: 'public', uri })),
      },
      says: 'not unique',
    },
    {
      because: 'a private destination',
      body: { ...APP, destinations: [{ type: 'private', cidr: '10.0.0.0/8' }] },
      says: 'public',
    },
    {
      because: 'a duration that is not of Go',
      body: { ...APP, session_duration: '7d' },
      says: 'session_duration',
    },
    {
      because: 'an identity provider that does not exist',
      body: { ...APP, allowed_idps: ['x'] },
      says: 'identity provider',
    },
    {
      because: 'an automatic redirect to nobody',
      body: { ...APP, auto_redirect_to_identity: true },
      says: 'exactly one',
    },
    {
      because: 'preflight bypass beside CORS headers',
      body: { ...APP, options_preflight_bypass: true, cors_headers: { allow_all_origins: true } },
      says: 'cors_headers',
    },
    {
      because: 'CORS that says false',
      body: { ...APP, cors_headers: { allow_all_origins: false } },
      says: 'false',
    },
    {
      because: 'another type',
      body: { ...APP, type: 'infrastructure' },
      says: 'app type is missing or invalid',
    },
  ];
  for (const { because, body, says } of rows) {
    it(because, async () => {
      const api = createApi();
      const message = await api.refused(400, 12130, 'POST', `${api.account}/access/apps`, body);
      expect(message).toContain('access.api.error.invalid_request: ');
      expect(message).toContain(says);
      expect(api.world.apps).toEqual([]);
    });
  }

  it('a host of a zone that is not active yet', async () => {
    const api = createApi();
    for (const zone of api.world.zones) zone.status = 'pending';
    await api.refused(400, 12130, 'POST', `${api.account}/access/apps`, APP);
  });

  for (const same of ['app.example.dev', 'APP.example.dev', 'app.example.dev/', 'app.example.dev/*']) {
    it(`another application’s destination: ${same}`, async () => {
      const api = createApi();
      await api.done('POST', `${api.account}/access/apps`, APP);
      const message = await api.refused(409, 11010, 'POST', `${api.account}/access/apps`, {
        ...APP,
        domain: same,
      });
      expect(message).toBe('access.api.error.application_already_exists');
    });
  }

  it('but not another path of the same host, nor itself', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.account}/access/apps`, {
      ...APP,
      domain: 'app.example.dev/a',
    });
    await api.done('POST', `${api.account}/access/apps`, { ...APP, domain: 'app.example.dev/a/*' });
    await api.done('PUT', `${api.account}/access/apps/${row.id}`, { ...APP, domain: 'app.example.dev/a' });
  });
});

describe('policies of an application', () => {
  it('are shown in full, however they were sent', async () => {
    const api = createApi();
    const { allow, token } = await withPolicies(api);
    const path = `${api.account}/access/apps`;
    const row = await api.done('POST', path, { ...APP, policies: [token, allow] });
    expect(row.policies).toMatchObject([
      { id: token, precedence: 1, decision: 'non_identity', reusable: true },
      { id: allow, precedence: 2, name: 'allow', include: [{ email: { email: 'me@example.dev' } }] },
    ]);
    const put = await api.done('PUT', `${path}/${row.id}`, {
      ...APP,
      policies: [
        { id: token, precedence: 5 },
        { id: allow, precedence: 2 },
      ],
    });
    expect(
      put.policies.map((policy: { id: string; precedence: number }) => [policy.id, policy.precedence]),
    ).toEqual([
      [allow, 2],
      [token, 5],
    ]);
  });

  it('null and an omission keep them, [] clears them', async () => {
    const api = createApi();
    const { allow } = await withPolicies(api);
    const row = await api.done('POST', `${api.account}/access/apps`, { ...APP, policies: [allow] });
    const count = async (policies: object) =>
      (await api.done('PUT', `${api.account}/access/apps/${row.id}`, { ...APP, ...policies })).policies
        .length;
    expect(await count({ policies: null })).toBe(1);
    expect(await count({})).toBe(1);
    expect(await count({ policies: [] })).toBe(0);
  });

  it('gets the next free number for a precedence of 0', async () => {
    const api = createApi();
    const { allow, token } = await withPolicies(api);
    const policies = [
      { id: allow, precedence: 0 },
      { id: token, precedence: 1 },
    ];
    const row = await api.done('POST', `${api.account}/access/apps`, { ...APP, policies });
    expect(row.policies.map((policy: { precedence: number }) => policy.precedence)).toEqual([1, 2]);
  });

  const inline = { name: 'inline', decision: 'allow', include: [{ everyone: {} }] };
  it('inline ones belong to the application and are deleted with it', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.account}/access/apps`, { ...APP, policies: [inline] });
    expect(row.policies).toMatchObject([{ name: 'inline', reusable: false, precedence: 1 }]);
    const [{ id }] = row.policies;
    await api.refused(404, 12131, 'GET', `${api.account}/access/policies/${id}`);
    expect(await api.done('GET', `${api.account}/access/policies`)).toEqual([]);
    const changed = { ...inline, id, name: 'renamed' };
    const put = await api.done('PUT', `${api.account}/access/apps/${row.id}`, {
      ...APP,
      policies: [changed],
    });
    expect(put.policies).toMatchObject([{ id, name: 'renamed' }]);
    await api.done('DELETE', `${api.account}/access/apps/${row.id}`);
    expect(api.world.policies).toEqual([]);
  });

  const refusals = [
    { because: 'both kinds together', policies: (id: string) => [id, inline], status: 400, code: 12130 },
    { because: 'one policy twice', policies: (id: string) => [id, id], status: 400, code: 12130 },
    {
      because: 'one precedence twice',
      policies: (id: string, other: string) => [
        { id, precedence: 1 },
        { id: other, precedence: 1 },
      ],
      status: 400,
      code: 12130,
    },
    { because: 'a policy that is not there', policies: () => ['gone'], status: 404, code: 12131 },
    {
      because: 'a negative precedence',
      policies: (id: string) => [{ id, precedence: -1 }],
      status: 400,
      code: 12130,
    },
    { because: 'something that is no policy', policies: () => [7], status: 400, code: 12130 },
  ];
  for (const { because, policies, status, code } of refusals) {
    it(`are rejected for ${because}`, async () => {
      const api = createApi();
      const { allow, token } = await withPolicies(api);
      const body = { ...APP, policies: policies(allow, token) };
      await api.refused(status, code, 'POST', `${api.account}/access/apps`, body);
      expect(api.world.apps).toEqual([]);
    });
  }
});

describe('applications without a hostname', () => {
  const rows = [
    { type: 'app_launcher', domain: 'example.cloudflareaccess.com' },
    { type: 'bookmark', domain: 'https://elsewhere.example/', name: 'elsewhere' },
    { type: 'saas', name: 'saas', saas_app: { auth_type: 'oidc', redirect_uris: ['https://a.example/cb'] } },
    { type: 'warp' },
  ];
  for (const body of rows) {
    it(`${body.type}: appears in the same list, without destinations`, async () => {
      const api = createApi();
      const row = await api.done('POST', `${api.account}/access/apps`, body);
      expect(row).toMatchObject(body);
      expect(row).not.toHaveProperty('destinations');
      expect(await api.done('GET', `${api.account}/access/apps`)).toEqual([row]);
      await api.refused(400, 12130, 'POST', `${api.account}/access/apps`, { ...body, destinations: [] });
      await api.refused(400, 12130, 'PUT', `${api.account}/access/apps/${row.id}`, APP);
    });
  }
});

it('a bookmark has no session duration, and every other application has one', async () => {
  const api = createApi();
  const path = `${api.account}/access/apps`;
  const bookmark = { type: 'bookmark', domain: 'https://elsewhere.example/', name: 'elsewhere' };
  const row = await api.done('POST', path, bookmark);
  expect(row).not.toHaveProperty('session_duration');
  expect(await api.done('PUT', `${path}/${row.id}`, bookmark)).not.toHaveProperty('session_duration');
  for (const body of [{ type: 'warp' }, APP])
    expect(await api.done('POST', path, body)).toMatchObject({ session_duration: '24h' });
});

it('the first destination becomes the domain of an application without one', async () => {
  const api = createApi();
  const uris = ['b.example.dev', 'a.example.dev/x'];
  const destinations = uris.map((uri) => ({ type: 'public', uri }));
  const row = await api.done('POST', `${api.account}/access/apps`, { type: 'self_hosted', destinations });
  expect(row).toMatchObject({ domain: uris[0], name: uris[0], self_hosted_domains: uris, destinations });
});

describe('finding applications', () => {
  it('by parts of name and domain, exactly when asked to, and by aud', async () => {
    const api = createApi();
    const path = `${api.account}/access/apps`;
    const row = await api.done('POST', path, APP);
    await api.done('POST', path, { ...APP, name: 'application', domain: 'other.example.dev' });
    const count = async (query: string) => (await api.done('GET', `${path}?${query}`)).length;
    expect(await count('name=app')).toBe(2);
    expect(await count('name=app&exact=true')).toBe(1);
    expect(await count('domain=other')).toBe(1);
    expect(await count('search=example')).toBe(2);
    expect(await count(`aud=${row.aud}`)).toBe(1);
  });

  it('made for a zone, an application is visible in the account, but not in another zone', async () => {
    const api = createApi();
    const row = await api.done('POST', `${api.zone}/access/apps`, APP);
    expect(await api.done('GET', `${api.account}/access/apps`)).toHaveLength(1);
    expect(await api.done('GET', `${api.zone}/access/apps`)).toHaveLength(1);
    const other = `/zones/${api.world.zones[1]?.id}`;
    expect(await api.done('GET', `${other}/access/apps`)).toEqual([]);
    await api.refused(404, 11021, 'GET', `${other}/access/apps/${row.id}`);
  });
});

it('revoke_tokens records the moment, which a later PUT keeps', async () => {
  const api = createApi();
  const row = await api.done('POST', `${api.account}/access/apps`, APP);
  const reply = await api.call('POST', `${api.account}/access/apps/${row.id}/revoke_tokens`);
  expect([reply.status, reply.body]).toEqual([202, { success: true, result: {} }]);
  const revokedAt = api.world.apps[0]?.revokedAt;
  expect(revokedAt).toBeTypeOf('number');
  await api.done('PUT', `${api.account}/access/apps/${row.id}`, APP);
  expect(api.world.apps[0]?.revokedAt).toBe(revokedAt);
});
