import { describe, expect, it } from 'vitest';
import type { CachedAnswer } from '../../../../src/lab/sandbox/state/world.ts';
import { type Api, createApi } from './api.ts';

const BYPASS = {
  action: 'set_cache_settings',
  action_parameters: { cache: false },
  expression: 'http.host in {"a.example.dev"}',
  ref: 'gates-home',
};

const entrypointOf = (api: Api, phase = 'http_request_cache_settings') =>
  `${api.zone}/rulesets/phases/${phase}/entrypoint`;

describe('cache rules', () => {
  it('are written and read like custom rules, in their own ruleset', async () => {
    const api = createApi();
    await api.refused(404, 10003, 'GET', entrypointOf(api));
    const row = await api.done('PUT', entrypointOf(api), { rules: [BYPASS] });
    expect(row).toMatchObject({ phase: 'http_request_cache_settings', rules: [BYPASS] });
    const { rules } = await api.done('POST', `${api.zone}/rulesets/${row.id}/rules`, {
      ...BYPASS,
      ref: 'b',
    });
    const changed = { ...BYPASS, ref: 'b', expression: 'http.host eq "b.example.dev"' };
    await api.done('PATCH', `${api.zone}/rulesets/${row.id}/rules/${rules[1].id}`, changed);
    await api.done('DELETE', `${api.zone}/rulesets/${row.id}/rules/${rules[0].id}`);
    expect(await api.done('GET', entrypointOf(api))).toMatchObject({ rules: [changed] });
    await api.refused(404, 10003, 'GET', entrypointOf(api, 'http_request_firewall_custom'));
  });

  it.each([
    [10, 'free'],
    [25, 'pro'],
    [50, 'business'],
    [300, 'enterprise'],
  ] as const)('are %s on the plan %s', async (quota, plan) => {
    const api = createApi({ plan });
    const rules = Array.from({ length: quota + 1 }, (_, at) => ({ ...BYPASS, ref: `r${at}` }));
    await api.refused(400, 20217, 'PUT', entrypointOf(api), { rules });
    await api.done('PUT', entrypointOf(api), { rules: rules.slice(1) });
  });

  it.each<[string, object]>([
    ['another action', { ...BYPASS, action: 'block', action_parameters: {} }],
    ['no parameters', { ...BYPASS, action_parameters: {} }],
    ['an unknown parameter', { ...BYPASS, action_parameters: { cache: true, colour: 'red' } }],
    ['what goes with caching alone', { ...BYPASS, action_parameters: { cache: false, read_timeout: 60 } }],
    ['an edge TTL without its mode', { ...BYPASS, action_parameters: { cache: true, edge_ttl: {} } }],
    [
      'a key that needs Enterprise',
      { ...BYPASS, action_parameters: { cache: true, cache_key: { custom_key: { user: { geo: true } } } } },
    ],
    [
      'claims, which are for custom rules',
      { ...BYPASS, expression: 'any(http.request.jwt.claims.aud["x"][*] eq "y")' },
    ],
    ['more than 4,096 characters', { ...BYPASS, expression: `http.host eq "${'a'.repeat(4096)}"` }],
  ])('are rejected for %s', async (_, rule) => {
    const api = createApi({ plan: 'pro' });
    await api.refused(400, 20127, 'PUT', entrypointOf(api), { rules: [rule] });
  });

  it('need a token with Cache Settings, unlike custom rules', async () => {
    const api = createApi();
    const [token] = api.world.apiTokens;
    const row = await api.done('PUT', entrypointOf(api), { rules: [BYPASS] });
    if (token) token.permissions = ['Cache Settings Read', 'Zone WAF Write'];
    await api.done('GET', entrypointOf(api));
    await api.refused(403, 10000, 'POST', `${api.zone}/rulesets/${row.id}/rules`, BYPASS);
    await api.refused(403, 10000, 'PUT', entrypointOf(api), { rules: [] });
    await api.done('PUT', entrypointOf(api, 'http_request_firewall_custom'), { rules: [] });
    if (token) token.permissions = ['Cache Settings Write'];
    await api.done('PUT', entrypointOf(api), { rules: [] });
    await api.refused(403, 10000, 'GET', entrypointOf(api, 'http_request_firewall_custom'));
  });

  it('coexist with redirects, rewrites and origin rules, which are stored and shown', async () => {
    const api = createApi();
    const kept: [phase: string, action: string, parameters: object][] = [
      [
        'http_request_dynamic_redirect',
        'redirect',
        { from_value: { target_url: { value: 'https://x.example' }, status_code: 302 } },
      ],
      ['http_request_transform', 'rewrite', { uri: { path: { value: '/' } } }],
      ['http_request_origin', 'route', { host_header: 'x.example.dev' }],
    ];
    for (const [phase, action, action_parameters] of kept) {
      const rule = { action, action_parameters, expression: 'ssl' };
      await api.done('PUT', entrypointOf(api, phase), { rules: [rule] });
      expect(await api.done('GET', entrypointOf(api, phase))).toMatchObject({ phase, rules: [rule] });
    }
  });
});

describe('a purge', () => {
  function stocked(options: Parameters<typeof createApi>[0] = {}) {
    const api = createApi(options);
    const copy = (host: string): CachedAnswer => ({
      ...{ host, path: '/x.css', query: '?v=1', status: 200, headers: [], body: '', from: 'origin' },
      ...{ storedAt: 0, freshUntil: 1 },
    });
    const hosts = ['a.example.dev', 'b.example.dev', 'a.example.net'];
    api.world.edgeCache = Object.fromEntries(hosts.map((host) => [host, copy(host)]));
    return { api, path: `${api.zone}/purge_cache`, left: () => Object.keys(api.world.edgeCache ?? {}) };
  }

  it.each<[object, string[]]>([
    [{ hosts: ['A.example.dev'] }, ['b.example.dev', 'a.example.net']],
    [
      { files: ['https://b.example.dev/x.css?v=1', { url: 'https://a.example.dev/x.css' }] },
      ['a.example.dev', 'a.example.net'],
    ],
    [{ prefixes: ['a.example.dev/'] }, ['b.example.dev', 'a.example.net']],
    [{ tags: ['x'] }, ['a.example.dev', 'b.example.dev', 'a.example.net']],
    [{ purge_everything: true }, ['a.example.net']],
  ])('of %j leaves %j', async (body, expected) => {
    const { api, path, left } = stocked();
    expect(await api.done('POST', path, body)).toEqual({ id: api.world.zones[0]?.id });
    expect(left()).toEqual(expected);
  });

  it.each([
    {},
    { hosts: [] },
    { hosts: ['a.example.net'] },
    { hosts: ['a.example.dev'], purge_everything: true },
    { purge_everything: false },
    { hosts: Array.from({ length: 101 }, (_, at) => `${at}.example.dev`) },
    { files: ['x.css'] },
  ])('of %j is rejected', async (body) => {
    const { api, path, left } = stocked();
    await api.refused(400, 1012, 'POST', path, body);
    expect(left()).toHaveLength(3);
  });

  it('is allowed five times a minute on the free plan', async () => {
    const { api, path } = stocked();
    const body = { hosts: ['a.example.dev'] };
    for (let at = 0; at < 5; at += 1) await api.done('POST', path, body);
    await api.refused(429, 1134, 'POST', path, body);
    const { headers } = await api.call('POST', path, body);
    api.world.clockOffset += Number(headers.get('retry-after')) * 1000;
    await api.done('POST', path, body);
    await api.refused(429, 1134, 'POST', path, body);
  });

  it('needs a token with Cache Purge', async () => {
    const { api, path } = stocked();
    const [token] = api.world.apiTokens;
    if (token) token.permissions = ['Cache Settings Write', 'Zone Write'];
    await api.refused(403, 10000, 'POST', path, { hosts: ['a.example.dev'] });
    if (token) token.permissions = ['Cache Purge'];
    await api.done('POST', path, { hosts: ['a.example.dev'] });
  });
});

describe('other settings that act before an origin', () => {
  it('are absent in a new zone, and shown once somebody has made them', async () => {
    const { zone, done, refused } = createApi();
    const routes = `${zone}/workers/routes`;
    const snippets = `${zone}/snippets/snippet_rules`;
    const pages = `${zone}/pagerules`;
    for (const path of [routes, snippets, pages]) expect(await done('GET', path)).toEqual([]);
    const { id } = await done('POST', routes, { pattern: 'a.example.dev/*' });
    const route = { id, pattern: 'a.example.dev/*', request_limit_fail_open: false };
    expect(await done('GET', routes)).toEqual([route]);
    const rule = { expression: 'http.host eq "a.example.dev"', snippet_name: 's', enabled: true };
    await done('PUT', snippets, { rules: [rule] });
    expect(await done('GET', snippets)).toMatchObject([rule]);
    const page = {
      targets: [{ target: 'url' }],
      actions: [{ id: 'cache_level', value: 'cache_everything' }],
      status: 'active',
    };
    const made = await done('POST', pages, page);
    expect(await done('GET', `${pages}?status=active`)).toMatchObject([page]);
    expect(await done('GET', `${pages}?status=disabled`)).toEqual([]);
    const put = await done('PUT', `${pages}/${made.id}`, { ...page, status: 'disabled' });
    expect(put).toMatchObject({ id: made.id, status: 'disabled', created_on: made.created_on });
    expect([await done('GET', pages), await done('GET', `${pages}/${made.id}`)]).toEqual([[put], put]);
    await refused(404, 1002, 'PUT', `${pages}/${id}`, page);
    await done('DELETE', `${pages}/${made.id}`);
    await done('DELETE', `${routes}/${id}`);
    expect([await done('GET', routes), await done('GET', pages)]).toEqual([[], []]);
    await refused(404, 10008, 'DELETE', `${routes}/${id}`);
    await refused(400, 1001, 'PUT', snippets, { rules: [{ ...rule, expression: 'nonsense' }] });
  });
});
