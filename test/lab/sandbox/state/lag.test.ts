import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LagOptions, parseLag } from '../../../../src/lab/sandbox/index.ts';
import { type Client, newClient } from '../client.ts';
import { setIngress } from '../edge/scene.ts';

const HOST = 'app.example.dev';
const ME = 'me@example.dev';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A zone whose tunnel leads HOST to an application without a gate. */
async function stage(lag: LagOptions): Promise<Client> {
  const client = await newClient({ plan: 'enterprise' });
  const world = JSON.parse(client.sandbox.snapshot());
  setIngress(world, [{ hostname: HOST, service: 'http://app.lan' }]);
  client.sandbox.restore(JSON.stringify(world));
  client.sandbox.setLag(lag);
  return client;
}

/** The status of HOST at the edge, or the sandbox's error, such as `does-not-resolve`. */
async function seen({ visit }: Client, path = '/', headers: Record<string, string> = {}): Promise<string> {
  const response = await visit(`https://${HOST}${path}`, headers);
  return response.headers.get('x-sandbox-error') ?? `${response.status}`;
}

async function publish({ api, zoneId, sandbox }: Client): Promise<string> {
  const [tunnel] = JSON.parse(sandbox.snapshot()).tunnels;
  const record = {
    type: 'CNAME',
    name: HOST,
    content: `${tunnel.id}.cfargotunnel.com`,
    ttl: 1,
    proxied: true,
  };
  return (await api('POST', `/zones/${zoneId}/dns_records`, record)).body.result.id;
}

async function guard({ api, account }: Client, include: object): Promise<{ id: string; policy: string }> {
  const policy = { name: 'p', decision: 'allow', include: [include] };
  const made = await api('POST', `${account}/access/policies`, policy);
  const { id } = made.body.result;
  const app = await api('POST', `${account}/access/apps`, {
    name: 'app',
    type: 'self_hosted',
    domain: HOST,
    policies: [{ id, precedence: 1 }],
  });
  return { id: app.body.result.id, policy: id };
}

function pendingOf({ sandbox }: Client): { of: string; id: string; until: number }[] {
  return JSON.parse(sandbox.snapshot()).pending ?? [];
}

describe('a write', () => {
  it('reads back at once and reaches the edge after its delay', async () => {
    const client = await stage(5000);
    const id = await publish(client);
    const { body } = await client.api('GET', `/zones/${client.zoneId}/dns_records/${id}`);
    expect(body.result.name).toBe(HOST);
    expect(await seen(client)).toBe('does-not-resolve');
    await client.sandbox.advance(4999);
    expect(await seen(client)).toBe('does-not-resolve');
    await client.sandbox.advance(1);
    expect(await seen(client)).toBe('200');
  });

  it('has the delay of its kind', async () => {
    const client = await stage({ access: 3000, records: 1000 });
    await publish(client);
    await guard(client, { email: { email: ME } });
    await client.sandbox.advance(1000);
    expect(await seen(client)).toBe('200');
    await client.sandbox.advance(2000);
    expect(await seen(client)).toBe('302');
  });

  it('leaves the edge unchanged until a change or a removal arrives', async () => {
    const client = await stage({ access: 5000 });
    await publish(client);
    const { id } = await guard(client, { email: { email: ME } });
    await client.sandbox.arrive();
    await client.api('DELETE', `${client.account}/access/apps/${id}`);
    expect(await seen(client)).toBe('302');
    await client.sandbox.advance(5000);
    expect(await seen(client)).toBe('200');
  });

  it('of an application admits nobody while its policy is on its way', async () => {
    const client = await stage({ policies: 5000 });
    await publish(client);
    await guard(client, { everyone: {} });
    expect(await seen(client)).toBe('403');
    await client.sandbox.arrive();
    expect(await seen(client)).toBe('302');
  });

  it('by a person in the dashboard lags too', async () => {
    const client = await stage({ records: 5000 });
    const id = await publish(client);
    await client.sandbox.arrive();
    const path = `/zones/${client.zoneId}/dns_records/${id}`;
    await client.admin('POST', '/edit', { actor: 'eve', method: 'DELETE', path });
    expect(await seen(client)).toBe('200');
    await client.admin('POST', '/clock', { advance: '5s' });
    expect(await seen(client)).toBe('does-not-resolve');
  });

  it.each(['waf', 'shield'] as const)('lags for a rule of %s', async (kind) => {
    const client = await stage({ [kind]: 5000 });
    await publish(client);
    const phase = `/zones/${client.zoneId}/rulesets/phases/http_request_firewall_custom/entrypoint`;
    const rule = { action: 'block', expression: 'http.request.uri.path eq "/blocked"' };
    const made = await client.api('PUT', phase, { rules: kind === 'waf' ? [rule] : [] });
    expect(made.status).toBe(200);
    if (kind === 'shield') {
      const operation = { method: 'GET', host: HOST, endpoint: '/blocked' };
      await client.api('POST', `/zones/${client.zoneId}/api_gateway/operations`, [operation]);
      const key = {
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        kid: 'k',
        x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
        y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
      };
      const configuration = {
        title: 't',
        description: '',
        token_type: 'JWT',
        token_sources: ['http.request.headers["authorization"][0]'],
        credentials: { keys: [key] },
      };
      const { body } = await client.api(
        'POST',
        `/zones/${client.zoneId}/token_validation/config`,
        configuration,
      );
      const tokenRule = {
        title: 'r',
        description: '',
        action: 'block',
        enabled: true,
        expression: `is_jwt_valid("${body.result?.id}")`,
        selector: { include: [{ host: [HOST] }] },
      };
      const rules = await client.api('POST', `/zones/${client.zoneId}/token_validation/rules`, tokenRule);
      expect(rules.status, JSON.stringify([body, rules.body])).toBe(200);
    }
    expect(await seen(client, '/blocked')).toBe('200');
    await client.sandbox.advance(5000);
    expect(await seen(client, '/blocked')).toMatch(kind === 'waf' ? /^waf-rule/ : /^api-shield-rule/);
  });

  it('lags for a service token', async () => {
    const client = await stage({ tokens: 5000 });
    await publish(client);
    const { body } = await client.api('POST', `${client.account}/access/service_tokens`, { name: 'ci' });
    const { id, client_id, client_secret } = body.result;
    const policy = { name: 'p', decision: 'non_identity', include: [{ service_token: { token_id: id } }] };
    const made = await client.api('POST', `${client.account}/access/policies`, policy);
    await client.api('POST', `${client.account}/access/apps`, {
      ...{ name: 'app', type: 'self_hosted', domain: HOST },
      policies: [{ id: made.body.result.id, precedence: 1 }],
    });
    const headers = { 'cf-access-client-id': client_id, 'cf-access-client-secret': client_secret };
    expect(await seen(client, '/', headers)).toBe('401');
    await client.sandbox.arrive();
    expect(await seen(client, '/', headers)).toBe('200');
  });
});

it('each of several simultaneous writes has its own delay', async () => {
  const client = await stage({ records: 5000 });
  const path = `/zones/${client.zoneId}/dns_records`;
  const names = ['a', 'b', 'c'].map((name) => `${name}.example.dev`);
  const record = (name: string) => ({ type: 'TXT', name, content: 'x', ttl: 300 });
  await Promise.all(names.map((name) => client.api('POST', path, record(name))));
  expect(pendingOf(client)).toHaveLength(3);
});

describe('a random delay', () => {
  async function untils(seed: string): Promise<number[]> {
    const client = await stage({ records: [0, 30_000], seed });
    const begun = client.sandbox.now();
    const path = `/zones/${client.zoneId}/dns_records`;
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      await client.api('POST', path, { type: 'TXT', name: `${name}.example.dev`, content: 'x', ttl: 300 });
    }
    return pendingOf(client).map(({ until }) => until - begun);
  }

  it('is the same for the same seed, and lets writes to different objects overtake each other', async () => {
    const drawn = await untils('7');
    expect(await untils('7')).toEqual(drawn);
    expect(await untils('8')).not.toEqual(drawn);
    expect(drawn).not.toEqual(drawn.toSorted((left, right) => left - right));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(30_000);
  });

  it('never lets two writes to one object overtake each other', async () => {
    const client = await stage({ records: [0, 30_000] });
    const id = await publish(client);
    for (let write = 0; write < 12; write += 1) {
      const path = `/zones/${client.zoneId}/dns_records/${id}`;
      await client.api('PATCH', path, { comment: `write ${write}` });
    }
    const all = pendingOf(client).map(({ until }) => until);
    expect(all).toEqual(all.toSorted((left, right) => left - right));
    expect(new Set(all).size).toBeGreaterThan(2);
  });
});

describe('the oracle', () => {
  async function overtaken(): Promise<Client> {
    const client = await stage({ access: 5000 });
    await client.admin('PUT', '/guards', { host: HOST, admit: { emails: [ME] } });
    await guard(client, { email: { email: ME } });
    await publish(client);
    return client;
  }

  it('judges the edge, not the API', async () => {
    const client = await overtaken();
    expect(client.sandbox.exposures()).toContainEqual(
      expect.objectContaining({ host: HOST, principal: 'anonymous', servedBy: 'origin' }),
    );
  });

  it('judges when a write arrives, between two calls', async () => {
    const client = await stage({ access: 5000, records: 2000 });
    await client.admin('PUT', '/guards', { host: HOST, admit: { emails: [ME] } });
    await guard(client, { email: { email: ME } });
    await publish(client);
    expect(client.sandbox.exposures()).toEqual([]);
    await client.sandbox.advance(60_000);
    expect(client.sandbox.exposures()).toContainEqual(
      expect.objectContaining({ host: HOST, principal: 'anonymous', servedBy: 'origin' }),
    );
    expect(await seen(client)).toBe('302');
  });

  it('judges an arrival by the guards of that moment', async () => {
    const client = await stage({ access: 5000, records: 2000 });
    await client.admin('PUT', '/guards', { host: HOST, admit: { public: true } });
    await guard(client, { email: { email: ME } });
    await publish(client);
    vi.setSystemTime(Date.now() + 10_000);
    await client.admin('PUT', '/guards', { host: HOST, admit: { emails: [ME] } });
    expect(client.sandbox.exposures()).toEqual([]);
  });
});

describe('a world', () => {
  it('is plain JSON with pending writes, and without them once they have arrived', async () => {
    const client = await stage(5000);
    await publish(client);
    const snapshot = client.sandbox.snapshot();
    await client.sandbox.arrive();
    expect('pending' in JSON.parse(client.sandbox.snapshot())).toBe(false);
    expect(await seen(client)).toBe('200');
    client.sandbox.restore(snapshot);
    expect(await seen(client)).toBe('does-not-resolve');
    await client.sandbox.advance(5000);
    expect(await seen(client)).toBe('200');
  });

  it('has no pending writes without a lag, and revocations lag in every world', async () => {
    const client = await newClient();
    await publish(client);
    const { lag, pending } = JSON.parse(client.sandbox.snapshot());
    expect(pending).toBeUndefined();
    expect(lag).toMatchObject({ delays: { revocations: 25_000 } });
    client.sandbox.setLag({ revocations: 0 });
    expect('lag' in JSON.parse(client.sandbox.snapshot())).toBe(false);
  });

  it('has its lag changed and its arrivals listed by the admin API', async () => {
    const client = await stage(0);
    expect((await client.admin('PUT', '/lag', { lag: 'records=2000' })).status).toBe(200);
    expect((await client.admin('PUT', '/lag', { lag: 'weather=2000' })).status).toBe(400);
    await publish(client);
    expect((await client.admin('GET', '/arrivals')).body.pending).toMatchObject([{ of: 'records' }]);
    await client.admin('POST', '/arrivals');
    expect((await client.admin('GET', '/arrivals')).body.pending).toEqual([]);
    expect(await seen(client)).toBe('200');
  });
});

describe('a lag as text', () => {
  it.each([
    ['access=5000,records=2000', { access: 5000, records: 2000 }],
    ['records=random:1-3,seed=7', { records: [1, 3], seed: '7' }],
  ])('%s gives delays by kind', (text, delays) => {
    expect(parseLag(text)).toEqual(delays);
  });

  it('gives one delay for every kind, except those with their own', () => {
    expect(parseLag('5000')).toMatchObject({ access: 5000, records: 5000, shield: 5000 });
    expect(parseLag('random,access=0')).toMatchObject({ access: 0, records: [0, 30_000] });
  });

  it.each(['', 'soon', '-1', 'random:9-3', 'weather=5', 'access=soon'])('may not be %j', (text) => {
    expect(() => parseLag(text)).toThrow(TypeError);
  });
});
