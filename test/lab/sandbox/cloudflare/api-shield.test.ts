import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Api, createApi } from './api.ts';

function jwk(
  type: 'rsa' | 'ec',
  more: object,
  curve = 'P-256',
  modulusLength = 2048,
): Record<string, unknown> {
  const { publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength })
      : generateKeyPairSync('ec', { namedCurve: curve });
  return { ...publicKey.export({ format: 'jwk' }), ...more };
}

const R1 = jwk('rsa', { kid: 'r1', alg: 'RS256' });
const E1 = jwk('ec', { kid: 'e1', alg: 'ES256' });
const S1 = { kid: 's1', kty: 'oct', alg: 'HS256', k: 'c2VjcmV0' };
const CONFIGURATION = {
  title: 'api',
  description: 'gates:home/api.example.dev',
  token_sources: ['http.request.headers["authorization"][0]', 'http.request.cookies["Authorization"][0]'],
  token_type: 'JWT',
  credentials: { keys: [R1] },
};

const configOf = (api: Api) => `${api.zone}/token_validation/config`;
const rulesOf = (api: Api) => `${api.zone}/token_validation/rules`;
const operationsOf = (api: Api) => `${api.zone}/api_gateway/operations`;

function createShield(): Api {
  return createApi({ plan: 'enterprise' });
}

it('API Shield needs an entitled zone', async () => {
  const api = createApi();
  for (const path of [configOf(api), rulesOf(api), operationsOf(api)])
    await api.refused(403, 10403, 'GET', path);
  await api.refused(403, 10403, 'POST', configOf(api), CONFIGURATION);
  await api.refused(403, 10403, 'DELETE', operationsOf(api));
  for (const zone of api.world.zones) zone.apiShield = true;
  expect(await api.done('GET', configOf(api))).toEqual([]);
});

it('API Shield needs the permission for API Gateway', async () => {
  const api = createShield();
  for (const token of api.world.apiTokens) token.permissions = ['Domain API Gateway Read'];
  for (const path of [configOf(api), rulesOf(api), operationsOf(api)]) {
    await api.done('GET', path);
    await api.refused(403, 10000, 'POST', path, {});
  }
});

describe('token configurations', () => {
  it('are created, changed in part and deleted', async () => {
    const api = createShield();
    const row = await api.done('POST', configOf(api), CONFIGURATION);
    expect(row).toMatchObject({ ...CONFIGURATION, credentials: { keys: [R1] } });
    const path = `${configOf(api)}/${row.id}`;
    expect(await api.done('PATCH', path, { title: 'other' })).toEqual({
      id: row.id,
      title: 'other',
      description: CONFIGURATION.description,
      token_sources: CONFIGURATION.token_sources,
    });
    expect(await api.done('GET', path)).toMatchObject({ title: 'other', token_type: 'JWT' });
    expect(await api.done('DELETE', path)).toEqual({ id: row.id });
    await api.refused(404, 10404, 'GET', path);
  });

  const wrong: [because: string, change: object][] = [
    ['no title', { title: undefined }],
    ['a title of 51 characters', { title: 'x'.repeat(51) }],
    ['a description of 501', { description: 'x'.repeat(501) }],
    ['no source', { token_sources: [] }],
    ['five sources', { token_sources: Array(5).fill('http.request.headers["a"][0]') }],
    ['a header in upper case', { token_sources: ['http.request.headers["Authorization"][0]'] }],
    ['a source that is none', { token_sources: ['http.request.uri.args["jwt"][0]'] }],
    ['another type', { token_type: 'PASETO' }],
    ['no key', { credentials: { keys: [] } }],
    ['an unknown member', { enabled: true }],
  ];
  it.each(wrong)('reject %s', async (_, change) => {
    const api = createShield();
    await api.refused(400, 10400, 'POST', configOf(api), { ...CONFIGURATION, ...change });
    expect(await api.done('GET', configOf(api))).toEqual([]);
  });

  it('are at most 32, in pages of 5 to 50', async () => {
    const api = createShield();
    for (let at = 0; at < 32; at += 1) await api.done('POST', configOf(api), CONFIGURATION);
    await api.refused(400, 10400, 'POST', configOf(api), CONFIGURATION);
    const { body } = await api.call('GET', `${configOf(api)}?page=2`);
    expect(body.result).toHaveLength(12);
    expect(body.result_info).toEqual({ page: 2, per_page: 20, count: 12, total_count: 32, total_pages: 2 });
    await api.refused(400, 1003, 'GET', `${configOf(api)}?per_page=4`);
    await api.refused(400, 1003, 'GET', `${configOf(api)}?per_page=51`);
  });

  it('stay while a rule of API Shield or of the WAF names them', async () => {
    const api = createShield();
    const { id } = await api.done('POST', configOf(api), CONFIGURATION);
    const rule = await api.done('POST', rulesOf(api), { ...RULE, expression: `is_jwt_valid("${id}")` });
    await api.refused(400, 10400, 'DELETE', `${configOf(api)}/${id}`);
    await api.done('DELETE', `${rulesOf(api)}/${rule.id}`);
    const entrypoint = `${api.zone}/rulesets/phases/http_request_firewall_custom/entrypoint`;
    const expression = `not any(http.request.jwt.claims.aud["${id}"][*] eq "api")`;
    await api.done('PUT', entrypoint, { rules: [{ action: 'block', expression }] });
    await api.refused(400, 10400, 'DELETE', `${configOf(api)}/${id}`);
    await api.done('PUT', entrypoint, { rules: [] });
    await api.done('DELETE', `${configOf(api)}/${id}`);
  });
});

describe('keys', () => {
  async function withKeys(keys: unknown[]) {
    const api = createShield();
    const { id } = await api.done('POST', configOf(api), { ...CONFIGURATION, credentials: { keys } });
    const path = `${configOf(api)}/${id}`;
    const shown = async () => (await api.done('GET', path)).credentials.keys;
    const write = async (method: 'PUT' | 'PATCH', given: unknown) => {
      const { status, body } = await api.call(method, `${path}/credentials`, { keys: given });
      return { status, keys: (body as { keys?: unknown }).keys, messages: body.messages };
    };
    return { api, path, shown, write };
  }

  it('are replaced completely by PUT, and returned next to success', async () => {
    const { shown, write } = await withKeys([R1]);
    expect(await write('PUT', [E1])).toEqual({ status: 200, keys: [E1], messages: [] });
    expect(await shown()).toEqual([E1]);
  });

  it('lose unknown members, and keys of other sorts are silently omitted', async () => {
    const { shown, write } = await withKeys([R1]);
    const unsupported = [
      { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid: 'x', x: 'abc' },
      jwk('ec', { kid: 'p', alg: 'ES512' }, 'P-521'),
      jwk('rsa', { kid: 'enc', alg: 'RSA-OAEP', use: 'enc' }),
      jwk('rsa', { kid: 'short', alg: 'RS256' }, '', 1024),
      { ...E1, alg: undefined, kid: 'no alg' },
    ];
    const { keys } = await write('PUT', [
      { ...R1, use: 'sig', x5c: ['…'], key_ops: ['verify'] },
      ...unsupported,
    ]);
    expect(keys).toEqual([R1]);
    expect(await shown()).toEqual([R1]);
    expect(await write('PUT', unsupported)).toMatchObject({ status: 400 });
    expect(await shown()).toEqual([R1]);
  });

  it('of RSA without alg count as RS256, and the reply shows that', async () => {
    const { write } = await withKeys([R1]);
    const { keys, messages } = await write('PUT', [{ ...R1, alg: undefined, kid: 'key-1' }]);
    expect(keys).toEqual([{ ...R1, kid: 'key-1' }]);
    expect(messages).toEqual([
      { code: 110003, message: 'keys[0].alg was omitted and defaulted to "RS256" (kid "key-1")' },
    ]);
  });

  it('keep omitted members of known keys in a PATCH; other keys are removed', async () => {
    const { api, path, shown, write } = await withKeys([R1, S1]);
    const { k: _, ...named } = S1;
    expect(await shown()).toEqual([R1, named]);
    expect((await write('PATCH', [named, E1])).keys).toEqual([named, E1]);
    expect(api.world.tokenConfigurations?.[0]?.keys).toEqual([S1, E1]);
    expect(await write('PATCH', [{ ...named, kid: 'unknown' }])).toMatchObject({ status: 400 });
    expect(await write('PATCH', [{ ...S1, k: null }])).toMatchObject({ status: 400 });
    expect(await write('PUT', [named])).toMatchObject({ status: 400 });
    await api.refused(400, 10400, 'PUT', `${path}/credentials`, {});
  });

  it('are 1 to 16, each with a different kid', async () => {
    const { write } = await withKeys([R1]);
    const many = Array.from({ length: 17 }, (_, at) => ({ ...E1, kid: `k${at}` }));
    expect(await write('PUT', many.slice(1))).toMatchObject({ status: 200 });
    for (const keys of [
      many,
      [],
      [E1, E1],
      [{ ...E1, kid: undefined }],
      [{ ...R1, n: undefined }],
      [{ ...E1, x: 'AA' }],
    ]) {
      expect(await write('PUT', keys), JSON.stringify(keys)).toMatchObject({ status: 400 });
    }
    expect(await write('PUT', [R1, { ...R1, alg: 'PS256' }])).toMatchObject({ status: 200 });
  });
});

const RULE = {
  title: 'api',
  description: '',
  action: 'block',
  enabled: true,
  expression: 'http.request.method eq "OPTIONS"',
  selector: { include: [{ host: ['api.example.dev'] }] },
};

describe('rules', () => {
  it('are created at the end, moved by PATCH and listed in their order', async () => {
    const api = createShield();
    const path = rulesOf(api);
    const [a, b] = await api.done('POST', `${path}/bulk`, [
      { ...RULE, title: 'a' },
      { ...RULE, title: 'b', action: 'log' },
    ]);
    const c = await api.done('POST', path, { ...RULE, title: 'c' });
    expect(c).toMatchObject({ ...RULE, title: 'c', selector: { ...RULE.selector, exclude: null } });
    const titles = async (query = '') =>
      (await api.done('GET', path + query)).map(({ title }: { title: string }) => title);
    expect(await titles()).toEqual(['a', 'b', 'c']);
    await api.done('PATCH', `${path}/${c.id}`, { position: { index: 1 } });
    await api.done('PATCH', `${path}/${a.id}`, { position: { after: b.id }, enabled: false });
    expect(await titles()).toEqual(['c', 'b', 'a']);
    expect(await titles('?enabled=false')).toEqual(['a']);
    expect(await titles('?action=log')).toEqual(['b']);
    expect(await titles('?host=api.example.dev')).toHaveLength(3);
    expect(await titles('?host=www.example.dev')).toEqual([]);
    expect(await titles(`?id=${c.id}`)).toEqual(['c']);
    await api.done('PATCH', `${path}/bulk`, [
      { id: a.id, title: 'A' },
      { id: b.id, position: { before: c.id } },
    ]);
    expect(await titles()).toEqual(['b', 'c', 'A']);
    expect((await api.call('PATCH', `${path}/bulk`, [{ id: a.id, title: 'x' }, { id: 'gone' }])).status).toBe(
      404,
    );
    expect(await titles()).toEqual(['b', 'c', 'A']);
    await api.done('DELETE', `${path}/${a.id}`);
    await api.refused(404, 10404, 'DELETE', `${path}/${a.id}`);
    expect(await api.done('GET', `${path}/${b.id}`)).toMatchObject({ title: 'b' });
  });

  const wrong: [because: string, change: object][] = [
    ['a position', { position: { index: 1 } }],
    ['no selector', { selector: undefined }],
    ['no description', { description: undefined }],
    ['another action', { action: 'challenge' }],
    ['an expression that does not parse', { expression: 'is_jwt_valid(' }],
    [
      'a configuration that is not there',
      { expression: 'is_jwt_valid("52973293-cb04-4a97-8f55-e7d2ad1107dd")' },
    ],
    ['a host of another zone', { selector: { include: [{ host: ['api.example.com'] }] } }],
    [
      'an operation that is not there',
      { selector: { exclude: [{ operation_ids: ['52973293-cb04-4a97-8f55-e7d2ad1107dd'] }] } },
    ],
    ['a selector of another form', { selector: { include: [{ hosts: ['api.example.dev'] }] } }],
  ];
  it.each(wrong)('reject at creation %s', async (_, change) => {
    const api = createShield();
    await api.refused(400, 10400, 'POST', rulesOf(api), { ...RULE, ...change });
    expect(await api.done('GET', rulesOf(api))).toEqual([]);
  });
});

describe('operations', () => {
  const GET = { method: 'GET', host: 'api.example.dev', endpoint: '/v1/items' };

  it('are normalized, and saved once', async () => {
    const api = createShield();
    const path = operationsOf(api);
    const sent = [
      GET,
      { method: 'GET', host: 'API.Example.dev', endpoint: '/v1//x/../items/{id}/%7euser/{name}' },
    ];
    const [first, second] = await api.done('POST', path, sent);
    expect(first).toMatchObject(GET);
    expect(second).toMatchObject({ host: 'api.example.dev', endpoint: '/v1/items/{var1}/~user/{var2}' });
    const again = await api.done('POST', `${path}/item`, { ...GET, endpoint: '/v1/./items' });
    expect(again.operation_id).toBe(first.operation_id);
    expect(await api.done('GET', `${path}/${second.operation_id}`)).toEqual(second);
    expect(await api.done('GET', path)).toHaveLength(2);
    expect(await api.done('POST', `${path}/item`, { ...GET, host: '{tenant}.example.dev' })).toMatchObject({
      host: '{hostVar1}.example.dev',
    });
  });

  it('are listed by host, method and part of their path', async () => {
    const api = createShield();
    const path = operationsOf(api);
    await api.done('POST', path, [
      GET,
      { ...GET, method: 'POST' },
      { ...GET, host: 'b.example.dev', endpoint: '/' },
    ]);
    const count = async (query: string) => (await api.done('GET', `${path}?${query}`)).length;
    expect(await count('host=api.example.dev')).toBe(2);
    expect(await count('host=api.example.dev&host=b.example.dev')).toBe(3);
    expect(await count('method=POST')).toBe(1);
    expect(await count('endpoint=item')).toBe(2);
    const [last] = await api.done('GET', `${path}?order=host&direction=desc&per_page=5`);
    expect(last).toMatchObject({ host: 'b.example.dev' });
  });

  it('are deleted one by one, or all at once, whoever saved them', async () => {
    const api = createShield();
    const path = operationsOf(api);
    const [{ operation_id: id }] = await api.done('POST', path, [GET, { ...GET, method: 'POST' }]);
    expect((await api.call('DELETE', `${path}/${id}`)).body).toEqual({
      success: true,
      errors: [],
      messages: [],
    });
    await api.refused(404, 10404, 'DELETE', `${path}/${id}`);
    expect(await api.done('GET', path)).toHaveLength(1);
    expect((await api.call('DELETE', path)).status).toBe(200);
    expect(await api.done('GET', path)).toEqual([]);
  });

  const wrong: [because: string, change: object][] = [
    ['a method in lower case', { method: 'get' }],
    ['a host of another zone', { host: 'api.example.com' }],
    ['no path', { endpoint: 'v1' }],
    ['a query', { endpoint: '/v1?x=1' }],
    ['a variable that is part of a segment', { endpoint: '/v1/{id}.json' }],
    ['an unknown member', { features: {} }],
  ];
  it.each(wrong)('reject %s', async (_, change) => {
    const api = createShield();
    await api.refused(400, 10400, 'POST', operationsOf(api), [GET, { ...GET, ...change }]);
    expect(await api.done('GET', operationsOf(api))).toEqual([]);
  });
});
