import { describe, expect, it } from 'vitest';
import { newUuid } from '../../../../src/lab/sandbox/state/ids.ts';
import type {
  ApiOperation,
  TokenConfiguration,
  TokenRule,
  World,
} from '../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, newWorld, visit, visitRaw } from './scene.ts';
import { newSigningKey, type SigningKey, signed } from './tokens.ts';

const HOST = 'api.example.dev';
const KEY = newSigningKey('ES256', 'k1');
const BORN = '2026-01-01T00:00:00.000Z';
const seconds = () => Math.floor(Date.now() / 1000);
const AUTHORIZATION = 'http.request.headers["authorization"][0]';

function configure(world: World, given: Partial<TokenConfiguration> = {}): TokenConfiguration {
  const made = {
    id: newUuid(world),
    zoneId: world.zones[0]?.id ?? '',
    title: 'api',
    description: '',
    tokenSources: [AUTHORIZATION],
    keys: [KEY.jwk],
    createdAt: BORN,
    lastUpdated: BORN,
    ...given,
  };
  world.tokenConfigurations = [...(world.tokenConfigurations ?? []), made];
  return made;
}

function addRule(world: World, expression: string, given: Partial<TokenRule> = {}): TokenRule {
  const made: TokenRule = {
    id: newUuid(world),
    zoneId: world.zones[0]?.id ?? '',
    title: 'r',
    description: '',
    action: 'block',
    enabled: true,
    expression,
    selector: { include: [{ host: [HOST] }] },
    createdAt: BORN,
    lastUpdated: BORN,
    ...given,
  };
  world.tokenRules = [...(world.tokenRules ?? []), made];
  return made;
}

function save(world: World, method: string, endpoint: string, host = HOST): ApiOperation {
  const made = {
    id: newUuid(world),
    zoneId: world.zones[0]?.id ?? '',
    method,
    host,
    endpoint,
    lastUpdated: BORN,
  };
  world.operations = [...(world.operations ?? []), made];
  return made;
}

/** An API with one saved operation and checked tokens. */
function guarded(given: Partial<TokenConfiguration> = {}): {
  world: World;
  configuration: TokenConfiguration;
} {
  const world = newWorld();
  addRecord(world, { name: HOST, type: 'A', content: '192.0.2.9' });
  const configuration = configure(world, given);
  save(world, 'GET', '/v1/items');
  addRule(world, `is_jwt_valid("${configuration.id}")`);
  return { world, configuration };
}

async function served(world: World, headers: Record<string, string>, path = '/v1/items', method = 'GET') {
  const { status, servedBy } = await visit(world, `https://${HOST}${path}`, headers, method);
  return `${status} ${servedBy}`;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const LET_IN = '200 origin';
const BLOCKED = '403 edge';

describe('tokens', () => {
  it.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'HS256',
    'HS384',
    'HS512',
  ])('signed by %s are verified', async (alg) => {
    const key = newSigningKey(alg);
    const { world } = guarded({ keys: [key.jwk] });
    expect(await served(world, bearer(signed(key, { sub: 'jo' })))).toBe(LET_IN);
    const other = { ...newSigningKey(alg, 'b'), kid: key.kid };
    expect(await served(world, bearer(signed(other, { sub: 'jo' })))).toBe(BLOCKED);
  });

  const forged: SigningKey = { ...newSigningKey('ES256'), kid: 'k1' };
  const unsigned = (header: object) => `${signed(KEY, {}, header).split('.').slice(0, 2).join('.')}.`;
  const cases: [because: string, headers: () => Record<string, string>, outcome: string][] = [
    ['no token', () => ({}), BLOCKED],
    ['garbage', () => bearer('garbage'), BLOCKED],
    ['a valid one', () => bearer(signed(KEY, {})), LET_IN],
    ['a valid one without Bearer', () => ({ authorization: signed(KEY, {}) }), LET_IN],
    [
      'another audience and issuer, at which nobody looks',
      () => bearer(signed(KEY, { aud: 'x', iss: 'y' })),
      LET_IN,
    ],
    ['an unsigned one', () => bearer(unsigned({ alg: 'none' })), BLOCKED],
    ['no signature', () => bearer(unsigned({})), BLOCKED],
    ['a foreign key of the same name', () => bearer(signed(forged, {})), BLOCKED],
    ['a name of no key', () => bearer(signed(KEY, {}, { kid: 'k2' })), BLOCKED],
    ['no name', () => bearer(signed(KEY, {}, { kid: undefined })), BLOCKED],
    ['another algorithm than the key has', () => bearer(signed(KEY, {}, { alg: 'ES384' })), BLOCKED],
    ['expired by 30 s', () => bearer(signed(KEY, { exp: seconds() - 30 })), LET_IN],
    ['expired by 90 s', () => bearer(signed(KEY, { exp: seconds() - 90 })), BLOCKED],
    ['valid in 30 s', () => bearer(signed(KEY, { nbf: seconds() + 30 })), LET_IN],
    ['valid in 90 s', () => bearer(signed(KEY, { nbf: seconds() + 90 })), BLOCKED],
    ['an end that is no number', () => bearer(signed(KEY, { exp: 'never' })), BLOCKED],
    ['another place than the source', () => ({ cookie: `authorization=${signed(KEY, {})}` }), BLOCKED],
  ];
  it.each(cases)('%s', async (_, headers, outcome) => {
    expect(await served(guarded().world, headers())).toBe(outcome);
  });

  it('expire in virtual time', async () => {
    const { world } = guarded();
    const headers = bearer(signed(KEY, { exp: seconds() + 3600 }));
    expect(await served(world, headers)).toBe(LET_IN);
    world.clockOffset = 2 * 3600 * 1000;
    expect(await served(world, headers)).toBe(BLOCKED);
  });

  it('are found in a cookie, and the first source with a value counts', async () => {
    const { world } = guarded({ tokenSources: [AUTHORIZATION, 'http.request.cookies["Auth"][0]'] });
    const cookie = `a=b; Auth=${signed(KEY, {})}`;
    expect(await served(world, { cookie })).toBe(LET_IN);
    expect(await served(world, { cookie, authorization: 'Bearer garbage' })).toBe(BLOCKED);
  });

  it('must have one of the current keys', async () => {
    const { world, configuration } = guarded();
    const headers = bearer(signed(KEY, {}));
    expect(await served(world, headers)).toBe(LET_IN);
    configuration.keys = [newSigningKey('ES256', 'k1').jwk];
    expect(await served(world, headers)).toBe(BLOCKED);
  });
});

describe('rules', () => {
  it('report a block as Cloudflare, before Access', async () => {
    const { world } = guarded();
    addApp(world, [HOST], [addPolicy(world, 'allow', [{ everyone: {} }])]);
    const seen = await visit(world, `https://${HOST}/v1/items`, { accept: 'text/html' });
    expect(seen).toMatchObject({ status: 403, servedBy: 'edge' });
    expect(seen.headers.get('x-sandbox-error')).toBe(`api-shield-rule ${world.tokenRules?.[0]?.id}`);
    expect(seen.headers.get('cf-ray')).toBeTruthy();
    expect(seen.headers.get('cf-mitigated')).toBeNull();
    expect(seen.text).toContain('Sorry, you have been blocked');
    expect(await served(world, bearer(signed(KEY, {})))).toBe('302 access');
  });

  it('apply only to saved operations: method, host and path', async () => {
    const { world } = guarded();
    save(world, 'GET', '/v1/items/{var1}');
    for (const path of [
      '/v1/items',
      '/v1/items/7',
      '/v1//items',
      '/v1/x/../items',
      '/v1/%69tems',
      '/v1/items/a%2Fb',
    ]) {
      expect((await visitRaw(world, HOST, path)).status, path).toBe(403);
    }
    for (const path of ['/v1/items/', '/v1/items/7/8', '/V1/items', '/v2/items', '/']) {
      expect((await visitRaw(world, HOST, path)).status, path).toBe(200);
    }
    expect(await served(world, {}, '/v1/items', 'POST')).toBe(LET_IN);
    addRecord(world, { name: 'other.example.dev', type: 'A', content: '192.0.2.9' });
    expect((await visit(world, 'https://other.example.dev/v1/items')).status).toBe(200);
  });

  it('apply to the most literal operation', async () => {
    const { world, configuration } = guarded();
    save(world, 'GET', '/v1/items/{var1}');
    const open = save(world, 'GET', '/v1/items/new');
    world.tokenRules = [];
    const exclude = [{ operation_ids: [open.id] }];
    addRule(world, `is_jwt_valid("${configuration.id}")`, {
      selector: { include: [{ host: [HOST] }], exclude },
    });
    expect(await served(world, {}, '/v1/items/7')).toBe(BLOCKED);
    expect(await served(world, {}, '/v1/items/new')).toBe(LET_IN);
  });

  it('apply to operations on hosts with variables', async () => {
    const { world, configuration } = guarded();
    save(world, 'GET', '/', '{hostVar1}.example.dev');
    addRule(world, `is_jwt_valid("${configuration.id}")`, { selector: { include: null } });
    expect(await served(world, {}, '/')).toBe(BLOCKED);
  });

  it('apply once for each operation: the first enabled one', async () => {
    const { world } = guarded();
    const [strict] = world.tokenRules ?? [];
    const log = addRule(world, 'http.request.method eq "POST"', { action: 'log' });
    expect(await served(world, {})).toBe(BLOCKED);
    world.tokenRules = [log, ...(strict ? [strict] : [])];
    expect(await served(world, {})).toBe(LET_IN);
    log.enabled = false;
    expect(await served(world, {})).toBe(BLOCKED);
    log.enabled = true;
    log.selector = { include: [{ host: ['www.example.dev'] }] };
    expect(await served(world, {})).toBe(BLOCKED);
  });

  it('may admit a missing token, or a method', async () => {
    const { world, configuration } = guarded();
    const { id } = configuration;
    const [rule] = world.tokenRules ?? [];
    Object.assign(rule ?? {}, { expression: `is_jwt_valid("${id}") or not is_jwt_present("${id}")` });
    expect(await served(world, {})).toBe(LET_IN);
    expect(await served(world, bearer(signed(KEY, { exp: 1 })))).toBe(BLOCKED);
    Object.assign(rule ?? {}, { expression: `is_jwt_valid("${id}") or http.request.method eq "GET"` });
    expect(await served(world, bearer(signed(KEY, { exp: 1 })))).toBe(LET_IN);
  });
});
