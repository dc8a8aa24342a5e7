import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, newClient } from './client.ts';

let client: Client;
const record = (name: string) => ({ type: 'A', name, content: '198.51.100.1', ttl: 1 });

beforeEach(async () => {
  client = await newClient();
});

async function create(name: string) {
  return client.api('POST', `/zones/${client.zoneId}/dns_records`, record(name));
}

async function names(): Promise<string[]> {
  const { body } = await client.api('GET', `/zones/${client.zoneId}/dns_records`);
  return body.result.map(({ name }: { name: string }) => name);
}

describe('the log of calls', () => {
  it('numbers API calls of both systems, with their status and whether they were writes', async () => {
    await create('a');
    await create('a');
    await client.api('GET', '/zones');
    await client.sandbox.fetch(`${client.sandbox.urls.authentik}/api/v3/core/groups/`);
    const path = `/zones/${client.zoneId}/dns_records`;
    expect((await client.admin('GET', '/calls')).body).toEqual({
      calls: [
        { n: 1, system: 'cloudflare', method: 'POST', path, status: 200, write: true, caller: 'daemon' },
        { n: 2, system: 'cloudflare', method: 'POST', path, status: 400, write: true, caller: 'daemon' },
        {
          n: 3,
          system: 'cloudflare',
          method: 'GET',
          path: '/zones',
          status: 200,
          write: false,
          caller: 'daemon',
        },
        {
          n: 4,
          system: 'authentik',
          method: 'GET',
          path: '/api/v3/core/groups/',
          status: 403,
          write: false,
          caller: 'unknown',
        },
      ],
    });
    expect((await client.admin('GET', '/calls?since=3')).body.calls).toHaveLength(1);
    expect(client.sandbox.calls(3)).toHaveLength(1);
  });

  it('omits visits to the edge and calls of the admin API', async () => {
    await client.visit('https://app.example.dev/');
    await client.admin('GET', '/guards');
    expect(client.sandbox.calls()).toEqual([]);
  });
});

it('visits to Authentik’s public host are no API calls, but faults affect them', async () => {
  const page = `${client.sandbox.urls.authentik}/application/o/token/`;
  expect((await client.sandbox.fetch(page, { method: 'POST' })).status).toBe(400);
  expect(client.sandbox.calls()).toEqual([]);
  await client.admin('POST', '/faults', { match: { system: 'authentik' }, fault: 'status', status: 503 });
  expect((await client.sandbox.fetch(page, { method: 'POST' })).status).toBe(503);
});

describe('a fault', () => {
  it('drop: nothing happens, and fetch fails as if the other side had closed the connection', async () => {
    await client.admin('POST', '/faults', { match: { method: 'POST' }, fault: 'drop', times: 1 });
    await expect(create('a')).rejects.toThrow(new TypeError('fetch failed'));
    expect(await names()).toEqual([]);
    expect(client.sandbox.calls()[0]).toMatchObject({ method: 'POST', status: 0, write: true });
  });

  it('lose-reply: the call is done, and nobody gets the reply', async () => {
    await client.admin('POST', '/faults', { match: { method: 'POST' }, fault: 'lose-reply', times: 1 });
    await expect(create('a')).rejects.toThrow(new TypeError('fetch failed'));
    expect(await names()).toEqual(['a.example.dev']);
    expect(client.sandbox.calls()[0]).toMatchObject({ method: 'POST', status: 200 });
  });

  it('status: nothing happens, and the envelope and Retry-After match the API’s', async () => {
    await client.admin('POST', '/faults', {
      match: { path: '*/dns_records' },
      fault: 'status',
      status: 429,
      times: 1,
    });
    const reply = await create('a');
    expect(reply.status).toBe(429);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(reply.body).toMatchObject({ success: false, result: null });
    expect(await names()).toEqual([]);
  });

  it('crash: a write to Authentik gets 405 with an empty body, whether or not the work was done first', async () => {
    const { urls, authentikToken } = client.sandbox;
    const groups = (method: string, body?: object) =>
      client.sandbox.fetch(`${urls.authentik}/api/v3/core/groups/`, {
        method,
        headers: { authorization: `Bearer ${authentikToken}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const named = async () => {
      const { results } = (await (await groups('GET')).json()) as { results: { name: string }[] };
      return results.map(({ name }) => name);
    };
    const crash = { match: { system: 'authentik' }, fault: 'crash', times: 1 };
    for (const more of [{}, { applied: true }]) {
      await client.admin('POST', '/faults', { ...crash, ...more });
      const reply = await groups('POST', { name: 'applied' in more ? 'made' : 'not made' });
      expect([reply.status, reply.headers.get('allow'), await reply.text()]).toEqual([
        405,
        'GET, HEAD, OPTIONS',
        '',
      ]);
      expect(reply.headers.get('content-type')).toContain('text/html');
    }
    expect(await named()).toEqual(['authentik Admins', 'made']);
    expect((await client.admin('GET', '/audit')).body).toHaveLength(1);

    await client.admin('POST', '/faults', crash);
    const read = await groups('GET');
    expect([read.status, await read.text()]).toEqual([500, expect.stringContaining('Server Error')]);
  });

  it('crash after the work: a rejected write keeps its rejection', async () => {
    await create('a');
    await client.admin('POST', '/faults', { match: {}, fault: 'crash', applied: true, times: 2 });
    expect((await create('a')).status).toBe(400);
    expect((await create('b')).status).toBe(500);
    expect(await names()).toEqual(['a.example.dev', 'b.example.dev']);
  });

  it('status 403 is the rejection of a token, not of a plan', async () => {
    await client.admin('POST', '/faults', { match: {}, fault: 'status', status: 403 });
    expect((await create('a')).body).toMatchObject({ errors: [{ code: 10000 }] });
  });

  it('status with its own headers uses the words of its system', async () => {
    const headers = { 'Retry-After': '7' };
    await client.admin('POST', '/faults', {
      match: { system: 'authentik' },
      fault: 'status',
      status: 503,
      headers,
    });
    const response = await client.sandbox.fetch(`${client.sandbox.urls.authentik}/api/v3/x/`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toEqual({ error: 'authentik starting' });
  });

  it('delay: the call takes longer, and a client that gives up does not hear that the work is done', async () => {
    await client.admin('POST', '/faults', { match: { method: 'POST' }, fault: 'delay', ms: 30 });
    const begun = performance.now();
    await create('a');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(28);
    const { urls, token } = client.sandbox;
    const stop = new AbortController();
    const call = client.sandbox.fetch(`${urls.cloudflare}/zones/${client.zoneId}/dns_records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(record('b')),
      signal: stop.signal,
    });
    while (client.sandbox.calls().length < 2) await Promise.resolve();
    stop.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(names).toEqual(['a.example.dev', 'b.example.dev']);
  });

  it('does not count a client that gave up before its call', async () => {
    const { urls } = client.sandbox;
    const call = client.sandbox.fetch(`${urls.cloudflare}/zones`, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(client.sandbox.calls()).toEqual([]);
  });

  it('passes `skip` calls, hits `times`, and then ends', async () => {
    await client.admin('POST', '/faults', {
      match: { method: 'POST' },
      fault: 'status',
      status: 500,
      skip: 1,
      times: 2,
    });
    const statuses = [];
    for (const name of ['a', 'b', 'c', 'd']) statuses.push((await create(name)).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it.each([
    { match: {}, hits: true, because: 'nothing asked for is everything' },
    { match: { system: 'authentik' }, hits: false, because: 'it is the other system' },
    { match: { method: 'put' }, hits: false, because: 'it is another method' },
    { match: { method: 'post' }, hits: true, because: 'methods have no case' },
    { match: { path: '/zones/*/dns_records' }, hits: true, because: 'a star is any text' },
    { match: { path: '/client/v4/zones/**' }, hits: true, because: 'the base path may be written' },
    { match: { path: '/zones' }, hits: false, because: 'the glob is the whole path' },
  ])('for $match hits: $hits, because $because', async ({ match, hits }) => {
    await client.admin('POST', '/faults', { match, fault: 'status', status: 500 });
    expect((await create('a')).status).toBe(hits ? 500 : 200);
    await client.admin('DELETE', '/faults');
    expect((await create('b')).status).toBe(200);
  });

  it.each([
    { body: { fault: 'explode' }, because: 'there is no such fault' },
    { body: { fault: 'status' }, because: 'a status is needed' },
    { body: { fault: 'delay' }, because: 'milliseconds are needed' },
    { body: { fault: 'drop', probability: 0.5 }, because: 'without a seed no run is suffered again' },
    { body: { fault: 'drop', seed: 1 }, because: 'a seed alone says nothing' },
    { body: { fault: 'drop', probability: 0, seed: 1 }, because: 'it would never hit' },
    { body: { fault: 'drop', probability: 1.5, seed: 1 }, because: 'more than always is a mistake' },
    { body: { fault: 'drop', probability: '0.5', seed: 1 }, because: 'a text is no number' },
    { body: { fault: 'drop', probability: 0.5, seed: 'a' }, because: 'a seed is a number' },
  ])('$body is rejected, because $because', async ({ body }) => {
    const reply = await client.admin('POST', '/faults', body);
    expect(reply).toMatchObject({ status: 400, body: { error: expect.stringMatching(/fault|one of/) } });
    expect((await client.admin('GET', '/faults')).body).toEqual([]);
  });
});

describe('a random fault', () => {
  const match = { method: 'GET', path: '/zones' };
  const random = (seed: number, probability = 0.3) => ({
    match,
    fault: 'status',
    status: 500,
    probability,
    seed,
  });

  /** The calls that a random fault hits, as a row of 0 and 1. */
  async function suffered(count: number): Promise<string> {
    let row = '';
    for (let n = 0; n < count; n += 1) row += (await client.api('GET', '/zones')).status === 500 ? '1' : '0';
    return row;
  }

  async function sufferedFrom(...faults: object[]): Promise<string> {
    await client.admin('POST', '/reset');
    for (const fault of faults) await client.admin('POST', '/faults', fault);
    return suffered(100);
  }

  it('hits the same calls in an equal run, and others with another seed', async () => {
    const row = await sufferedFrom(random(7));
    expect(await sufferedFrom(random(7))).toBe(row);
    expect(await sufferedFrom(random(8))).not.toBe(row);
    const hits = [...row].filter((hit) => hit === '1').length;
    expect(hits).toBeGreaterThan(15);
    expect(hits).toBeLessThan(45);
    expect(await sufferedFrom(random(7, 1))).toBe('1'.repeat(100));
  });

  it('counts only the calls that match it', async () => {
    const row = await sufferedFrom(random(7));
    await client.admin('POST', '/reset');
    await client.admin('POST', '/faults', random(7));
    await client.api('GET', client.account);
    const first = await suffered(50);
    await create('a');
    expect(first + (await suffered(50))).toBe(row);
  });

  it('counts a call that another fault hits too', async () => {
    const row = await sufferedFrom(random(7));
    const other = { match, fault: 'status', status: 503, times: 10 };
    expect(await sufferedFrom(other, random(7))).toBe('0'.repeat(10) + row.slice(10));
  });

  it('passes the first calls and ends, like any fault', async () => {
    const row = await sufferedFrom(random(7));
    expect(await sufferedFrom({ ...random(7), skip: 20 })).toBe('0'.repeat(20) + row.slice(20));
    const limited = await sufferedFrom({ ...random(7), times: 3 });
    const third = [...row].flatMap((hit, at) => (hit === '1' ? [at] : []))[2] ?? 0;
    expect(limited).toBe(row.slice(0, third + 1).padEnd(100, '0'));
  });

  it('continues in a restored world', async () => {
    const row = await sufferedFrom(random(7));
    await client.admin('POST', '/reset');
    await client.admin('POST', '/faults', random(7));
    await suffered(40);
    const snapshot = client.sandbox.snapshot();
    expect(await suffered(60)).toBe(row.slice(40));
    client.sandbox.restore(snapshot);
    expect(await suffered(60)).toBe(row.slice(40));
  });
});

describe('an edit', () => {
  it('is a call by another person: the reply is the API’s, audited, and not in the log of calls', async () => {
    const path = `/zones/${client.zoneId}/dns_records`;
    const reply = await client.admin('POST', '/edit', {
      actor: 'eve@example.dev',
      system: 'cloudflare',
      method: 'POST',
      path,
      body: record('eve'),
    });
    expect(reply.body).toMatchObject({ success: true, result: { name: 'eve.example.dev' } });
    expect(client.sandbox.calls()).toEqual([]);
    const { body } = await client.admin('GET', '/audit');
    expect(body).toEqual([
      expect.objectContaining({ actor: 'eve@example.dev', method: 'POST', path, status: 200 }),
    ]);
    await client.admin('POST', '/edit', { actor: 'eve', method: 'GET', path: `/client/v4${path}` });
    expect((await client.admin('GET', '/audit')).body).toHaveLength(2);
  });

  it('is not hit by faults', async () => {
    await client.admin('POST', '/faults', { match: {}, fault: 'drop' });
    const edit = { actor: 'eve', system: 'cloudflare', method: 'GET', path: '/zones' };
    expect((await client.admin('POST', '/edit', edit)).body.success).toBe(true);
  });

  it.each([{ method: 'GET' }, { path: '/zones' }])('%o is rejected: it names no call', async (body) => {
    expect(await client.admin('POST', '/edit', body)).toMatchObject({ status: 400 });
  });
});

describe('exposures', () => {
  beforeEach(async () => {
    await client.admin('PUT', '/guards', { host: 'App.example.dev', admit: { emails: ['me@example.dev'] } });
  });

  it('are judged after a write of the API and after an edit, and have the number of the call', async () => {
    await create('other');
    expect(client.sandbox.exposures()).toEqual([]);
    await create('app');
    expect((await client.admin('GET', '/exposures')).body[0]).toEqual({
      n: 2,
      host: 'app.example.dev',
      path: '/',
      principal: 'anonymous',
      servedBy: 'origin',
    });
    await client.admin('DELETE', '/exposures');
    const path = `/zones/${client.zoneId}/dns_records`;
    const edit = { actor: 'eve', system: 'cloudflare', method: 'POST', path, body: record('more') };
    await client.admin('POST', '/edit', edit);
    expect(client.sandbox.exposures()[0]).toMatchObject({ n: 2, principal: 'anonymous' });
  });

  it('are found even if the reply of the write was lost', async () => {
    await client.admin('POST', '/faults', { match: { method: 'POST' }, fault: 'lose-reply' });
    await expect(create('app')).rejects.toThrow('fetch failed');
    expect(client.sandbox.exposures()[0]).toMatchObject({ n: 1, host: 'app.example.dev' });
  });
});
