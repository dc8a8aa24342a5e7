import { describe, expect, it } from 'vitest';
import { createApi } from './api.ts';

describe('authentication', () => {
  const rows = [
    { because: 'no token at all', headers: {}, path: '/zones', status: 403, code: 10000 },
    {
      because: 'a token that is none is 403 and never 401',
      headers: { authorization: 'Bearer nope' },
      path: '/zones',
      status: 403,
      code: 10000,
    },
    {
      because: 'a header of another form',
      headers: { authorization: 'Basic bm8=' },
      path: '/zones',
      status: 400,
      code: 6003,
    },
    {
      because: 'asking about a token that is none',
      headers: { authorization: 'Bearer nope' },
      path: '/user/tokens/verify',
      status: 400,
      code: 1000,
    },
  ];
  for (const { because, headers, path, status, code } of rows) {
    it(`rejects: ${because}`, async () => {
      const reply = await createApi().call('GET', path, undefined, headers);
      expect([reply.status, reply.body.errors[0]?.code]).toEqual([status, code]);
      expect(reply.body).toMatchObject({ success: false, messages: [], result: null });
    });
  }

  it('reports its own token as active, without its scopes', async () => {
    const api = createApi();
    for (const path of ['/user/tokens/verify', `${api.account}/tokens/verify`]) {
      expect(await api.done('GET', path)).toEqual({ id: api.world.apiTokens[0]?.id, status: 'active' });
    }
  });

  it('rejects a disabled token everywhere', async () => {
    const api = createApi();
    for (const token of api.world.apiTokens) token.status = 'disabled';
    await api.refused(403, 10000, 'GET', '/zones');
  });
});

describe('routing', () => {
  const unknown = 'f'.repeat(32);
  const rows = [
    { because: 'no such route', method: 'GET', path: '/nowhere', status: 404, code: 7003 },
    {
      because: 'a method the path does not have',
      method: 'DELETE',
      path: '/zones',
      status: 405,
      code: 10405,
    },
    {
      because: 'text that is no zone id',
      method: 'GET',
      path: '/zones/example.dev/dns_records',
      status: 400,
      code: 7003,
    },
    {
      because: 'a zone of somebody else',
      method: 'GET',
      path: `/zones/${unknown}/dns_records`,
      status: 403,
      code: 9109,
    },
    {
      because: 'an account of somebody else',
      method: 'GET',
      path: `/accounts/${unknown}/access/apps`,
      status: 403,
      code: 9109,
    },
    {
      because: 'broken JSON',
      method: 'POST',
      path: '/accounts/x/access/tags',
      body: '{',
      status: 400,
      code: 6007,
    },
  ];
  for (const { because, method, path, body, status, code } of rows) {
    it(`${status} for ${because}`, async () => {
      await createApi().refused(status, code, method, path, body);
    });
  }
});

describe('paging', () => {
  const rows = [
    { path: '/zones', perPage: 20, max: 50, min: 5 },
    { path: '/accounts', perPage: 20, max: 50, min: 5 },
    { path: '{zone}/dns_records', perPage: 100, max: 5_000_000, min: 1 },
    { path: '{account}/access/apps', perPage: 1000, max: 1000, min: 1 },
    { path: '{account}/access/policies', perPage: 100, max: 1000, min: 1 },
    { path: '{account}/access/tags', perPage: 50, max: 1000, min: 1 },
    { path: '{account}/access/service_tokens', perPage: 1000, max: 1000, min: 1 },
    { path: '{account}/access/identity_providers', perPage: 200, max: 1000, min: 1 },
    { path: '{account}/cfd_tunnel', perPage: 1000, max: 1000, min: 1 },
  ];
  for (const { path, perPage, max, min } of rows) {
    it(`${path}: ${perPage} by default, ${min} to ${max}, empty past the end`, async () => {
      const api = createApi();
      const real = path.replace('{zone}', api.zone).replace('{account}', api.account);
      const first = await api.call('GET', real);
      expect(first.body.result_info).toMatchObject({ page: 1, per_page: perPage });
      expect((await api.call('GET', `${real}?page=99`)).body).toMatchObject({
        result: [],
        result_info: { count: 0 },
      });
      for (const wrong of [max + 1, min - 1, 'many']) {
        await api.refused(400, 1003, 'GET', `${real}?per_page=${wrong}`);
      }
      expect((await api.call('GET', `${real}?per_page=${max}`)).status).toBe(200);
    });
  }

  it('omits the number of pages if the endpoint does', async () => {
    const api = createApi();
    const said = async (path: string) => (await api.call('GET', path)).body.result_info.total_pages;
    expect(await said('/accounts')).toBeUndefined();
    expect(await said(`${api.account}/cfd_tunnel`)).toBeUndefined();
    expect(await said('/zones')).toBe(1);
  });

  it('visits all pages without loss or repetition', async () => {
    const api = createApi();
    for (let at = 0; at < 120; at += 1) {
      await api.done('POST', `${api.zone}/dns_records`, {
        type: 'TXT',
        name: `n${at}`,
        content: 'x',
        ttl: 1,
      });
    }
    const pages = await Promise.all(
      [1, 2, 3].map((page) => api.done('GET', `${api.zone}/dns_records?page=${page}`)),
    );
    expect(pages.map((page) => page.length)).toEqual([100, 20, 0]);
    expect(new Set(pages.flat().map((record) => record.id)).size).toBe(120);
  });
});

describe('the budget of calls', () => {
  it('is reported in every reply, and its excess blocks for five minutes', async () => {
    const api = createApi({ callBudget: 3 });
    const first = await api.call('GET', '/zones');
    expect(first.headers.get('ratelimit')).toMatch(/^"default";r=2;t=300$/);
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=3;w=300');
    await api.call('GET', '/nowhere');
    await api.call('GET', '/zones');
    const over = await api.call('GET', '/zones');
    expect(over.status).toBe(429);
    expect(over.headers.get('retry-after')).toBe('300');
    api.world.clockOffset += 299_000;
    expect((await api.call('GET', '/zones')).status).toBe(429);
    api.world.clockOffset += 2_000;
    expect((await api.call('GET', '/zones')).status).toBe(200);
  });

  it('is 1200 calls by default', () => {
    expect(createApi().world.budget.limit).toBe(1200);
  });
});
