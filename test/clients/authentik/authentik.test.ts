import { describe, expect, it } from 'vitest';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createRedactor, type Redactor } from '../../../src/clients/redaction.ts';
import { describeError, GatesError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { Wire } from '../../../src/core/world.ts';
import { eagerClock } from '../../support/world.ts';

const secret = 'not-to-be-said-1d7e';

type Answer = Response | Error | ((request: Request) => Response | Promise<Response>);

interface Server {
  readonly wire: Wire;
  readonly requests: readonly Request[];
  readonly redactor: Redactor;
  /** Total time slept, in milliseconds. */
  slept(): number;
}

/** A wire to a server that gives these answers in turn, and repeats the last one. */
function serverAt(url: string, ...answers: readonly Answer[]): Server {
  const requests: Request[] = [];
  const clock = eagerClock();
  const began = clock.now().getTime();
  const redactor = createRedactor();
  const wire = createAuthentikWire({
    token: secret,
    url,
    clock,
    redactor,
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
  return { wire, requests, redactor, slept: () => clock.now().getTime() - began };
}

const server = (...answers: readonly Answer[]) => serverAt('http://authentik.lan:9000', ...answers);
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers: { 'x-authentik-id': 'r1', ...headers } });
const html = (status: number) =>
  new Response('<html></html>', { status, headers: { 'content-type': 'text/html' } });
const page = (results: readonly unknown[], next: number, count: number) =>
  json({ pagination: { next, count }, results, autocomplete: {} });
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
  it.each(['http://authentik.lan:9000', 'http://authentik.lan:9000/', 'http://authentik.lan:9000/api/v3/'])(
    'to %s carries the token, asks for JSON, and ends its path with a slash',
    async (url) => {
      const { wire, requests } = serverAt(url, json({ pk: 1 }));
      expect(await wire.get('/core/groups/g', { name: 'a b', none: undefined })).toEqual({ pk: 1 });
      await wire.patch('/core/groups/g/', { name: 'x' });
      expect(requests.map(({ method, url: asked }) => `${method} ${asked}`)).toEqual([
        'GET http://authentik.lan:9000/api/v3/core/groups/g/?name=a+b',
        'PATCH http://authentik.lan:9000/api/v3/core/groups/g/',
      ]);
      expect(requests[0]?.headers.get('authorization')).toBe(`Bearer ${secret}`);
      expect(requests[0]?.headers.get('accept')).toBe('application/json');
      expect(requests[1]?.headers.get('content-type')).toBe('application/json');
      expect(await requests[1]?.json()).toEqual({ name: 'x' });
    },
  );

  it('is not sent once the run was stopped', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const wire = createAuthentikWire({
      token: secret,
      url: 'http://authentik.lan',
      clock: eagerClock(),
      redactor: createRedactor(),
      signal: stop.signal,
      fetch: async () => json(1),
    });
    await expect(wire.post('/core/groups/')).rejects.toThrow('stopped');
  });

  it('may get an empty answer', async () => {
    const { wire } = server(new Response(null, { status: 204 }));
    expect(await wire.delete('/core/groups/g/')).toBeUndefined();
  });
});

describe('a list', () => {
  it('follows the numbers of its pages, 100 objects at a time', async () => {
    const { wire, requests } = server(page(['a'], 2, 3), page(['b'], 3, 3), page(['c'], 0, 3));
    expect(await wire.list('/core/groups/', { include_users: false })).toEqual(['a', 'b', 'c']);
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([
      '?page_size=100&include_users=false&page=1',
      '?page_size=100&include_users=false&page=2',
      '?page_size=100&include_users=false&page=3',
    ]);
  });

  it('without pages is read as it is', async () => {
    expect(await server(json([1, 2])).wire.list('/outposts/instances/o/health/')).toEqual([1, 2]);
  });

  it.each([
    { because: 'its length changed', second: page(['b'], 0, 1) },
    { because: 'its last page is gone', second: json({ detail: 'Invalid page.' }, 404) },
  ])('is read again from the beginning when $because', async ({ second }) => {
    const { wire } = server(page(['a'], 2, 2), second, page(['a'], 2, 2), page(['c'], 0, 2));
    expect(await wire.list('/core/groups/')).toEqual(['a', 'c']);
  });

  it.each([
    { because: 'it has fewer objects than it says', first: page([{ pk: 1 }], 0, 2) },
    { because: 'it has an object twice', first: page([{ pk: 1 }, { pk: 1 }], 0, 2) },
  ])('is read again when $because', async ({ first }) => {
    const { wire } = server(first, page([{ pk: 1 }, { pk: 2 }], 0, 2));
    expect(await wire.list('/core/groups/')).toEqual([{ pk: 1 }, { pk: 2 }]);
  });

  it('is accepted when its count is wrong twice in the same way', async () => {
    const { wire } = server(page([{ pk: 1 }], 0, 2), page([{ pk: 1 }], 0, 2));
    expect(await wire.list('/core/groups/')).toEqual([{ pk: 1 }]);
  });

  it('whose count never settles is unknown', async () => {
    const { wire } = server((request) => {
      const number = Number(new URL(request.url).searchParams.get('page'));
      return page(['a'], number === 1 ? 2 : 0, number);
    });
    expect(await thrown(wire.list('/core/groups/'))).toBeInstanceOf(UnreachableError);
  });

  it.each([
    { because: 'it is no page', answer: json({ version: 1 }) },
    { because: 'it leads back', answer: page(['a'], 1, 1) },
    { because: 'it is a page of HTML', answer: html(200) },
    { because: 'the collection does not exist', answer: json({ detail: 'Not found.' }, 404) },
  ])('is never read as empty: $because', async ({ answer }) => {
    expect(await thrown(server(answer).wire.list('/core/groups/'))).toBeInstanceOf(RejectedError);
  });
});

describe('absence', () => {
  const absent = () => json({ detail: 'No Application matches the given query.' }, 404);

  it('is what the API itself reports', async () => {
    expect(await server(absent()).wire.get('/core/applications/x/')).toBeUndefined();
    expect(await server(absent()).wire.delete('/core/applications/x/')).toBeUndefined();
  });

  it('is not what a page reports: the address may be wrong', async () => {
    const error = await thrown(server(html(404)).wire.get('/core/applications/x/'));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.hint).toContain('authentik.url');
    expect(await thrown(server(html(404)).wire.delete('/core/applications/x/'))).toBeInstanceOf(
      RejectedError,
    );
  });

  it('is an error for an object to be changed', async () => {
    const error = await thrown(server(absent()).wire.patch('/core/applications/x/', {}));
    expect(error.facts).toMatchObject({ status: 404, applied: 'no' });
  });
});

describe('a refusal', () => {
  it('reports every field with what is wrong with it, and the request’s id', async () => {
    const body = {
      name: ['This field is required.'],
      non_field_errors: ['Too many.'],
      provider: { a: ['b'] },
    };
    const error = await thrown(server(json(body, 400)).wire.post('/core/groups/', {}));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.facts).toEqual({
      status: 400,
      detail: 'name: This field is required.; Too many.; a: b',
      requestId: 'r1',
      applied: 'no',
    });
  });

  it('reports the code if there is one', async () => {
    const body = { detail: 'Request denied due to expired/invalid license.', code: 'denied_license' };
    const error = await thrown(server(json(body, 400)).wire.post('/core/groups/', {}));
    expect(error.facts).toMatchObject({ code: 'denied_license', detail: body.detail });
  });

  it.each([
    ['Token invalid/expired', 'GET', 'AUTHENTIK_TOKEN'],
    ['Authentication credentials were not provided.', 'GET', 'AUTHENTIK_TOKEN'],
    ['You do not have permission to perform this action.', 'GET', 'authentik_core.view_group'],
    ['You do not have permission to perform this action.', 'POST', 'authentik_core.add_group'],
    ['You do not have permission to perform this action.', 'PATCH', 'authentik_core.change_group'],
    ['You do not have permission to perform this action.', 'DELETE', 'authentik_core.delete_group'],
  ] as const)('403 "%s" to %s names what to check: %s', async (detail, method, words) => {
    const { wire } = server(json({ detail }, 403));
    const calls = {
      GET: () => wire.list('/core/groups/'),
      POST: () => wire.post('/core/groups/', {}),
      PATCH: () => wire.patch('/core/groups/g/', {}),
      DELETE: () => wire.delete('/core/groups/g/'),
    };
    const error = await thrown(calls[method]());
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.hint).toContain(words);
  });

  it('for anything but a known permission asks for a superuser', async () => {
    const detail = 'You do not have permission to perform this action.';
    const error = await thrown(server(json({ detail }, 403)).wire.get('/admin/settings/'));
    expect(error.hint).toContain('superuser');
  });

  it('of a server that redirects says where to', async () => {
    const moved = new Response(null, { status: 301, headers: { location: 'https://auth.example.dev/' } });
    const error = await thrown(server(moved).wire.post('/core/groups/', {}));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.hint).toContain('https://auth.example.dev/');
  });

  it('from something in front that answers with a page says that this is not Authentik', async () => {
    expect((await thrown(server(html(403)).wire.get('/admin/version/'))).message).toContain('not one of');
  });
});

describe('trouble', () => {
  const starting = () => json({ error: 'authentik starting' }, 503, { 'retry-after': '5' });

  it('of a server that starts makes reads and writes wait, since the server has not read them', async () => {
    const { wire, requests, slept } = server(starting(), starting(), json({ pk: 1 }, 201));
    expect(await wire.post('/core/groups/', {})).toEqual({ pk: 1 });
    expect(requests).toHaveLength(3);
    expect(slept()).toBe(10_000);
  });

  it('of a server that starts for long is reported', async () => {
    const error = await thrown(server(starting()).wire.get('/admin/version/'));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.facts).toMatchObject({ applied: 'no', retryAfter: 5000 });
  });

  it.each([
    { because: 'the connection drops', answer: dropped },
    { because: 'the server fails with a page', answer: html(500) },
    { because: 'a proxy finds nobody', answer: html(502) },
  ])('$because: a read is tried again', async ({ answer }) => {
    const { wire, requests } = server(answer, json({ pk: 1 }));
    expect(await wire.get('/core/groups/g/')).toEqual({ pk: 1 });
    expect(requests).toHaveLength(2);
  });

  it.each([
    { because: 'the connection drops', answer: dropped },
    { because: 'the server fails with a page', answer: html(500) },
    {
      because: 'the server crashes',
      answer: new Response(null, { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } }),
    },
  ])('$because: a write may have been done, and is not repeated', async ({ answer }) => {
    const { wire, requests } = server(answer);
    const error = await thrown(wire.post('/core/groups/', {}));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.facts.applied).toBe('maybe');
    expect(requests).toHaveLength(1);
  });

  it.each([
    {
      because: 'a method that the API does not have',
      allow: 'GET, POST, HEAD, OPTIONS',
      body: '{"detail":"Method"}',
    },
    { because: 'a proxy that lets nobody write', allow: 'GET', body: '' },
  ])('does not leave a write uncertain when $because: nothing was written', async ({ allow, body }) => {
    const { wire } = server(new Response(body, { status: 405, headers: { allow } }));
    const error = await thrown(wire.post('/core/groups/', {}));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.facts.applied).toBe('no');
  });

  it('that lasts is reported after three tries', async () => {
    const { wire, requests } = server(dropped);
    expect(await thrown(wire.get('/core/groups/g/'))).toBeInstanceOf(UnreachableError);
    expect(requests).toHaveLength(3);
  });
});

describe('secrets', () => {
  it('that a reply contains are registered from then on', async () => {
    const { wire, redactor } = server(page([{ client_id: 'c', client_secret: 'shown-in-clear' }], 0, 1));
    await wire.list('/providers/oauth2/');
    expect(redactor.redact('a shown-in-clear b')).toBe('a [redacted] b');
  });

  it('that are a private key are registered, and no other text in a field of that name', async () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
    const { wire, redactor } = server(json({ data: pem }), json({ data: 'a certificate' }));
    await wire.get('/crypto/certificatekeypairs/1/view_private_key/');
    await wire.get('/crypto/certificatekeypairs/1/view_certificate/');
    expect(redactor.redact(JSON.stringify({ said: pem }))).toBe('{"said":"[redacted]"}');
    expect(redactor.redact('a certificate')).toBe('a certificate');
  });

  it('are in no error, though the API may repeat them', async () => {
    const { wire } = server(json({ client_id: [`${secret} is taken`] }, 400));
    const error = await thrown(wire.post('/providers/oauth2/', {}));
    expect(`${describeError(error)}${JSON.stringify(error.facts)}`).not.toContain(secret);
  });
});
