import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Budget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { describeError, GatesError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { Clock, Wire } from '../../../src/core/world.ts';
import { eagerClock } from '../../support/world.ts';

const secret = 'not-to-be-said-8f2c';
const noBudget: Budget = { take: async () => {}, learn: () => {}, left: () => undefined };

type Answer = Response | Error | ((request: Request) => Response | Promise<Response>);

interface Server {
  readonly wire: Wire;
  readonly requests: readonly Request[];
  /** Total time slept, in milliseconds. */
  slept(): number;
}

/** A wire to a server that gives these answers in turn, and repeats the last one. */
function server(...answers: readonly Answer[]): Server {
  const requests: Request[] = [];
  const clock = eagerClock();
  const began = clock.now().getTime();
  const wire = createCloudflareWire({
    token: secret,
    baseUrl: 'http://api.example/client/v4',
    clock,
    budget: noBudget,
    redactor: createRedactor(),
    signal: new AbortController().signal,
    random: () => 0,
    async fetch(input, init) {
      const request = new Request(input, init);
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request);
      if (answer === undefined || answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(request) : answer.clone();
    },
  });
  return { wire, requests, slept: () => clock.now().getTime() - began };
}

const good = (result: unknown, info?: object) =>
  Response.json({ success: true, errors: [], messages: [], result, ...(info && { result_info: info }) });
const bad = (status: number, errors: readonly object[], headers: Record<string, string> = {}) =>
  Response.json({ success: false, errors, messages: [], result: null }, { status, headers });
const dropped = new TypeError('fetch failed');

async function thrown(reply: Promise<unknown>): Promise<GatesError> {
  const error = await reply.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GatesError)) throw new Error(`no error of gates was thrown: ${String(error)}`);
  return error;
}

describe('a request', () => {
  it('carries the token, the path below the base URL, the query and the body', async () => {
    const { wire, requests } = server(good({ id: 1 }));
    expect(await wire.get('/zones', { name: 'a b', none: undefined })).toEqual({ id: 1 });
    await wire.post('/zones/z/dns_records', { type: 'A' });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET http://api.example/client/v4/zones?name=a%20b',
      'POST http://api.example/client/v4/zones/z/dns_records',
    ]);
    expect(requests[0]?.headers.get('authorization')).toBe(`Bearer ${secret}`);
    expect(await requests[1]?.json()).toEqual({ type: 'A' });
  });

  it('is not sent once the run was stopped', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const wire = createCloudflareWire({
      token: secret,
      clock: eagerClock(),
      budget: noBudget,
      redactor: createRedactor(),
      signal: stop.signal,
      fetch: async () => good(1),
    });
    await expect(wire.post('/zones')).rejects.toThrow('stopped');
  });

  describe('a request that is under way when the run is stopped', () => {
    /** A wire to a server that stops the run at each request, and then sends `answer`. */
    const stopped = (sleep: Clock['sleep'], answer: () => Promise<Response>): Wire => {
      const stop = new AbortController();
      return createCloudflareWire({
        token: secret,
        clock: { ...eagerClock(), sleep },
        budget: noBudget,
        redactor: createRedactor(),
        signal: stop.signal,
        fetch: (_, init) => {
          stop.abort(new Error('stopped'));
          const aborted = new Promise<Response>((__, reject) => {
            init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
          });
          return Promise.race([answer(), aborted]);
        },
      });
    };
    const never = () => new Promise<never>(() => {});
    const later = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return good('secret that is shown once');
    };

    it('is given up when it reads', async () => {
      await expect(stopped(never, never).get('/x')).rejects.toThrow('stopped');
    });

    it('is awaited when it writes: nobody else could tell what it did', async () => {
      expect(await stopped(never, later).post('/x')).toBe('secret that is shown once');
    });

    it('is given up when it writes and takes too long', async () => {
      const slept: number[] = [];
      const wire = stopped(async (milliseconds) => void slept.push(milliseconds), never);
      await expect(wire.post('/x')).rejects.toThrow('stopped');
      expect(slept).toEqual([5_000]);
    });
  });
});

describe('a list', () => {
  const pages = (request: Request) => Number(new URL(request.url).searchParams.get('page'));

  it('stops at the last page without asking for one more', async () => {
    const { wire, requests } = server((request) =>
      good([pages(request)], { page: pages(request), per_page: 1, total_pages: 3 }),
    );
    expect(await wire.list('/zones', { per_page: 1 })).toEqual([1, 2, 3]);
    expect(requests).toHaveLength(3);
  });

  it.each([
    { because: 'a short page is the last', info: { page: 1, per_page: 50 } },
    { because: 'without a size the size asked for counts', info: {} },
  ])('$because', async ({ info }) => {
    const { wire, requests } = server(good(['a', 'b'], info));
    expect(await wire.list('/zones', { per_page: 50 })).toEqual(['a', 'b']);
    expect(requests).toHaveLength(1);
  });

  it('uses the page size that the server really gives, if that is smaller', async () => {
    const { wire } = server(
      good(['a', 'b'], { page: 1, per_page: 2 }),
      good(['c'], { page: 2, per_page: 2 }),
    );
    expect(await wire.list('/zones', { per_page: 5000 })).toEqual(['a', 'b', 'c']);
  });

  const info = (page: number, total: number) => ({ page, per_page: 2, total_count: total });
  const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id }));

  it.each([
    { because: 'one was deleted between two pages', first: good([c], info(2, 2)), total: 3 },
    { because: 'fewer came than there are', first: good([], info(2, 3)), total: 3 },
    { because: 'one moved to the next page', first: good([b], info(2, 3)), total: 3 },
  ])('is read again from its beginning where $because', async ({ first, total }) => {
    const { wire, requests } = server(
      good([a, b], info(1, total)),
      first,
      good([a, b], info(1, 3)),
      good([c], info(2, 3)),
    );
    expect(await wire.list('/zones', { per_page: 2 })).toEqual([a, b, c]);
    expect(requests).toHaveLength(4);
  });

  it('is accepted when its count is wrong twice in the same way', async () => {
    const { wire, requests } = server(good([a], info(1, 5)), good([a], info(1, 5)));
    expect(await wire.list('/zones', { per_page: 2 })).toEqual([a]);
    expect(requests).toHaveLength(2);
  });

  it('ends when the server repeats its last page for ever', async () => {
    const { wire, requests } = server(good(['a', 'b'], { page: 1, per_page: 2 }));
    await wire.list('/zones', { per_page: 2 });
    expect(requests).toHaveLength(2);
  });

  it('without objects is empty, also when the API says null', async () => {
    expect(await server(good(null)).wire.list('/zones')).toEqual([]);
    expect(await server(good([])).wire.list('/zones')).toEqual([]);
  });

  it('that cannot be read to its end is an error, never a part of it', async () => {
    const { wire } = server(
      good(['a'], { page: 1, per_page: 1, total_pages: 2 }),
      bad(403, [{ code: 10000 }]),
    );
    await expect(wire.list('/zones', { per_page: 1 })).rejects.toThrow(RejectedError);
  });

  it.each([
    { because: 'is something else than a list', answer: () => good({ a: 1 }) },
    { because: 'is not found', answer: () => bad(404, [{ code: 1055, message: 'not found' }]) },
  ])('is an error when it $because', async ({ answer }) => {
    await expect(server(answer()).wire.list('/zones')).rejects.toThrow(GatesError);
  });
});

describe('an object that is not there', () => {
  it('is undefined for a get and fine for a delete, when the API itself reports that', async () => {
    const gone = () => bad(404, [{ code: 81044, message: 'Record does not exist.' }]);
    expect(await server(gone()).wire.get('/x')).toBeUndefined();
    await expect(server(gone()).wire.delete('/x')).resolves.toBeUndefined();
  });

  it.each([
    { because: 'the route is wrong', answer: () => bad(404, [{ code: 7003, message: 'Could not route' }]) },
    { because: 'a proxy answered', answer: () => new Response('<h1>404</h1>', { status: 404 }) },
  ])('is an error when $because', async ({ answer }) => {
    await expect(server(answer()).wire.get('/x')).rejects.toThrow(RejectedError);
    await expect(server(answer()).wire.delete('/x')).rejects.toThrow(RejectedError);
  });

  it('is an error for every other write', async () => {
    const error = await thrown(server(bad(404, [{ code: 81044 }])).wire.patch('/x', {}));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.facts.status).toBe(404);
  });
});

describe('trouble on the way', () => {
  it.each([
    { because: 'the connection drops', answer: dropped },
    { because: 'the API has an error of its own', answer: bad(500, [{ code: 1000, message: 'x' }]) },
    { because: 'a gateway has one', answer: new Response('<html>', { status: 502 }) },
  ])('a read is tried three times when $because', async ({ answer }) => {
    const { wire, requests, slept } = server(answer);
    const error = await thrown(wire.get('/x'));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.facts.applied).toBe('no');
    expect(requests).toHaveLength(3);
    expect(slept()).toBe(500 + 1000);
  });

  it('a read that succeeds at last is good', async () => {
    expect(await server(dropped, bad(503, []), good('fine')).wire.get('/x')).toBe('fine');
  });

  it.each([
    { because: 'the connection drops', answer: dropped },
    { because: 'the API has an error of its own', answer: bad(500, []) },
    {
      because: 'the answer is cut off',
      answer: new Response('{"succ', { headers: { 'content-type': 'application/json' } }),
    },
    { because: 'the answer is not JSON', answer: new Response('<html>') },
  ])('a write is tried once, and may have happened, when $because', async ({ answer }) => {
    for (const method of ['post', 'put', 'patch'] as const) {
      const { wire, requests } = server(answer);
      const error = await thrown(wire[method]('/x', {}));
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error.facts.applied).toBe('maybe');
      expect(requests).toHaveLength(1);
    }
  });

  it('a conflict is reported once, not tried again', async () => {
    const { wire, requests } = server(
      bad(409, [{ code: 11010, message: 'access.api.error.application_already_exists' }]),
    );
    const error = await thrown(wire.post('/x', {}));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.facts).toMatchObject({
      code: '11010',
      detail: 'access.api.error.application_already_exists',
      applied: 'no',
    });
    expect(requests).toHaveLength(1);
  });

  it('success: false is a refusal, whatever the status', async () => {
    const { wire } = server(
      Response.json({ success: false, errors: [{ code: 1004, message: 'no' }], result: null }),
    );
    expect((await thrown(wire.post('/x', {}))).facts.code).toBe('1004');
  });

  it.each([
    { because: 'another program’s JSON', answer: () => Response.json({}) },
    { because: 'a result that does not say `success`', answer: () => Response.json({ result: [] }) },
    { because: 'no body at all', answer: () => new Response(null, { status: 204 }) },
    { because: 'null', answer: () => Response.json(null) },
  ])('$because never means that an object does not exist', async ({ answer }) => {
    const { wire } = server(answer);
    await expect(wire.get('/x')).rejects.toThrow(UnreachableError);
    await expect(wire.list('/x')).rejects.toThrow(UnreachableError);
  });

  it('an answer without success, as DNS deletes give it, is good', async () => {
    await expect(server(Response.json({ result: { id: 'r' } })).wire.delete('/x')).resolves.toBeUndefined();
    await expect(server(new Response(null, { status: 204 })).wire.delete('/x')).resolves.toBeUndefined();
  });
});

describe('a pause that the API asks for', () => {
  const slow = (seconds: string) =>
    bad(429, [{ code: 10429, message: 'slow down' }], { 'retry-after': seconds });

  it.each(['get', 'post', 'put', 'patch'] as const)('is kept for %s, which is then sent', async (method) => {
    const { wire, requests, slept } = server(slow('7'), slow('7'), good('fine'));
    expect(await wire[method]('/x')).toBe('fine');
    expect(requests).toHaveLength(3);
    expect(slept()).toBe(14_000);
  });

  it('that is longer than a minute is reported with its length, and nothing was done', async () => {
    const { wire, requests, slept } = server(slow('300'));
    const error = await thrown(wire.get('/x'));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.facts).toMatchObject({ retryAfter: 300_000, applied: 'no' });
    expect(requests).toHaveLength(1);
    expect(slept()).toBe(0);
  });

  it('may be a date', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:00:00.000Z') });
    onTestFinished(() => void vi.useRealTimers());
    const { wire, slept } = server(slow(new Date(Date.now() + 9_000).toUTCString()), good('fine'));
    await wire.get('/x');
    expect(slept()).toBe(9_000);
  });

  it('without a length doubles, up to a maximum', async () => {
    const { wire, slept } = server(bad(429, []));
    const error = await thrown(wire.post('/x'));
    expect(error.facts.retryAfter).toBeGreaterThan(0);
    expect(slept()).toBeLessThanOrEqual(60_000);
  });
});

describe('the message of a refusal', () => {
  it('has the API’s own words, the chain of causes and the request', async () => {
    const chain = [{ code: 9300, message: 'DNS record has 1 tags, exceeding the quota of 0.' }];
    const errors = [{ code: 1004, message: 'DNS Validation Error', error_chain: chain }];
    const error = await thrown(server(bad(400, errors, { 'cf-ray': 'abc-FRA' })).wire.post('/x', {}));
    expect(describeError(error)).toBe(
      'Cloudflare refused the request (1004 DNS Validation Error: 9300 DNS record has 1 tags, exceeding the quota of 0.) [request abc-FRA]',
    );
  });

  it.each([
    ['/zones/z/dns_records', 10000, 'get', 'Zone / DNS / Read'],
    ['/zones/z/dns_records/batch', 9109, 'post', 'Zone / DNS / Edit'],
    ['/accounts/a/access/apps', 10000, 'put', 'Account / Access: Apps and Policies / Edit'],
    ['/accounts/a/access/service_tokens', 10000, 'post', 'Account / Access: Service Tokens / Edit'],
    ['/accounts/a/access/certificates', 10000, 'post', 'Account / Access: Mutual TLS Certificates / Edit'],
    ['/accounts/a/devices/posture', 10000, 'get', 'Account / Zero Trust / Read'],
    ['/accounts/a/cfd_tunnel', 10000, 'get', 'Account / Cloudflare Tunnel / Read'],
    ['/zones', 9109, 'get', 'Zone / Zone / Read'],
  ] as const)('names the permission that %s (%i, %s) needs', async (path, code, method, permission) => {
    const error = await thrown(server(bad(403, [{ code, message: 'no' }])).wire[method](path));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.hint).toContain(`"${permission}"`);
  });

  it('never holds the token, even when the server repeats it', async () => {
    const { wire } = server(
      bad(400, [{ code: 6003, message: `bad header Bearer ${secret}` }]),
      new Response(secret, { status: 418 }),
    );
    for (const error of [await thrown(wire.post('/x')), await thrown(wire.post('/x'))]) {
      expect(`${describeError(error)} ${error.stack} ${JSON.stringify(error.facts)}`).not.toContain(secret);
    }
  });
});
