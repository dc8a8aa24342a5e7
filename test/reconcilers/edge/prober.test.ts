import { describe, expect, it } from 'vitest';
import { askOnce, checkGate, type Question } from '../../../reconcilers/edge/prober.ts';
import { UnreachableError, UnsafeError } from '../../../src/core/errors.ts';
import type { EdgeAnswer, EdgeRequest } from '../../../src/core/world.ts';
import {
  answers,
  edgeAnswer,
  expectation,
  host,
  type ScriptedEdge,
  scriptedEdge,
  worldWith,
} from './scripted-edge.ts';

const question: Question = { host, looks: [{ path: '/' }], expect: expectation, headers: {} };
const many: Question = {
  ...question,
  looks: [
    { path: '/' },
    { path: '/', headers: { 'X-Forwarded-Uri': '/api' } },
    { path: '/apiz' },
    { path: '/API' },
  ],
};

/** An edge that gives these answers in turn, and repeats the last one. */
function inTurn(...given: readonly (EdgeAnswer | Error)[]): ScriptedEdge {
  return scriptedEdge((_, number) => given[Math.min(number, given.length) - 1] ?? answers.gate);
}

/** An edge that answers by the path or header of a request; the gate answers everything else. */
function where(fault: (request: EdgeRequest) => EdgeAnswer | undefined): ScriptedEdge {
  return scriptedEdge((request) => fault(request) ?? answers.gate);
}

const isSpoofed = ({ headers }: EdgeRequest) => headers?.['X-Forwarded-Uri'] !== undefined;

describe('one check', () => {
  it('asks the name servers of the host’s own zone', async () => {
    const edge = inTurn(answers.gate);
    await askOnce(question, worldWith(edge).world);
    expect(edge.requests[0]?.nameServers).toEqual(['ada.ns.test', 'bob.ns.test']);
  });

  it('uses the longest zone that contains the host', async () => {
    const edge = inTurn(answers.gate);
    await askOnce({ ...question, host: 'a.sub.example.dev' }, worldWith(edge).world);
    expect(edge.requests[0]?.nameServers).toEqual(['eve.ns.test']);
  });

  it('asks the name servers of this machine for a host of no zone', async () => {
    const edge = inTurn(answers.gate);
    await askOnce({ ...question, host: 'notexample.dev' }, worldWith(edge).world);
    expect(edge.requests[0]?.nameServers).toEqual([]);
  });

  it('makes every request, each with the headers that pass the cover', async () => {
    const edge = inTurn(answers.gate);
    expect(
      await askOnce({ ...many, headers: { 'cf-access-client-id': 'probe' } }, worldWith(edge).world),
    ).toBeUndefined();
    expect(edge.requests.map(({ path, headers }) => [path, headers])).toEqual([
      ['/', { 'cf-access-client-id': 'probe' }],
      ['/', { 'cf-access-client-id': 'probe', 'X-Forwarded-Uri': '/api' }],
      ['/apiz', { 'cf-access-client-id': 'probe' }],
      ['/API', { 'cf-access-client-id': 'probe' }],
    ]);
  });

  it('stops when the first request meets something: the rest would meet the same', async () => {
    const edge = inTurn(answers.challenge);
    expect(await askOnce(many, worldWith(edge).world)).toMatchObject({ by: 'challenge' });
    expect(edge.requests).toHaveLength(1);
  });

  it('reports an opening before another fault', async () => {
    const edge = where(({ path, ...request }) => {
      if (isSpoofed({ path, ...request })) return answers.theirs;
      return path === '/API' ? answers.application : undefined;
    });
    expect(await askOnce(many, worldWith(edge).world)).toMatchObject({
      weight: 'open',
      seen: expect.stringContaining('GET /API'),
    });
  });

  it('reports the first fault that is no opening', async () => {
    const edge = where(({ path }) => (path === '/' ? undefined : answers.theirs));
    expect(await askOnce(many, worldWith(edge).world)).toMatchObject({
      seen: expect.stringContaining('GET /apiz'),
    });
  });

  it('follows the start of a login to the login, with the same headers', async () => {
    const edge = inTurn(answers.start, answers.gate);
    const asked = { ...question, headers: { 'cf-access-client-id': 'probe' } };
    expect(await askOnce(asked, worldWith(edge).world)).toBeUndefined();
    expect(edge.requests[1]).toMatchObject({
      path: '/outpost.goauthentik.io/start?rd=%2F',
      headers: { 'cf-access-client-id': 'probe' },
    });
  });

  it('follows it once', async () => {
    const edge = inTurn(answers.start);
    expect(await askOnce(question, worldWith(edge).world)).toMatchObject({ by: 'authentik-start' });
    expect(edge.requests).toHaveLength(2);
  });

  it('of an edge that does not answer admits nobody', async () => {
    const edge = inTurn(new UnreachableError('The edge does not answer', { hint: 'Look again' }));
    expect(await askOnce(question, worldWith(edge).world)).toEqual({
      by: undefined,
      seen: 'The edge does not answer. Look again',
      advice: undefined,
      weight: 'passing',
    });
  });

  it('hides no bug of ours', async () => {
    const edge = inTurn(new TypeError('a mistake'));
    await expect(askOnce(question, worldWith(edge).world)).rejects.toThrow('a mistake');
  });

  it('is refused without a connection to the edge', async () => {
    await expect(askOnce(question, worldWith(undefined).world)).rejects.toThrow(UnsafeError);
  });
});

describe('a verdict on a gate', () => {
  it('comes from the first check, if the gate answers', async () => {
    const edge = inTurn(answers.gate);
    const { world, slept } = worldWith(edge);
    expect(await checkGate(question, world)).toBeUndefined();
    expect([edge.requests.length, slept()]).toEqual([1, 0]);
  });

  it('waits for a gate that is on its way', async () => {
    const edge = inTurn(answers.closed, answers.noConnector, answers.theirs, answers.gate);
    const { world, slept } = worldWith(edge);
    expect(await checkGate(question, world)).toBeUndefined();
    expect(slept()).toBe(1_000 + 2_000 + 4_000);
  });

  it('attributes two openings to the old state', async () => {
    const { world } = worldWith(inTurn(answers.application, answers.application, answers.gate));
    expect(await checkGate(question, world)).toBeUndefined();
  });

  it('accepts the third opening, and waits no longer', async () => {
    const edge = inTurn(answers.application);
    const { world, slept } = worldWith(edge);
    expect(await checkGate(question, world)).toMatchObject({ weight: 'open', by: 'application' });
    expect([edge.requests.length, slept()]).toEqual([3, 3_000]);
  });

  it('counts openings even with other findings in between', async () => {
    const edge = inTurn(
      answers.application,
      answers.closed,
      answers.application,
      answers.closed,
      answers.application,
    );
    expect(await checkGate(question, worldWith(edge).world)).toMatchObject({ weight: 'open' });
    expect(edge.requests).toHaveLength(5);
  });

  it('ends at once if only a person can help', async () => {
    const edge = inTurn(answers.challenge);
    const { world, slept } = worldWith(edge);
    expect(await checkGate(question, world)).toMatchObject({ weight: 'person' });
    expect([edge.requests.length, slept()]).toEqual([1, 0]);
  });

  it('ends after a minute and a half, with pauses of ten seconds at most', async () => {
    const edge = inTurn(answers.closed);
    const { world, slept } = worldWith(edge);
    expect(await checkGate(question, world)).toMatchObject({ by: 'closed' });
    expect(slept()).toBeGreaterThan(80_000);
    expect(slept()).toBeLessThanOrEqual(90_000);
    // The pauses are 1 + 2 + 4 + 8 s, then 10 s seven times.
    expect(edge.requests).toHaveLength(12);
  });

  it.each([
    { path: '/OPEN', closes: true, by: undefined, because: 'the rule of a path goes after the look' },
    { path: '/OPEN', closes: false, by: 'closed', because: 'nothing of ours closes it' },
    { path: '/', closes: true, by: 'closed', because: 'the host itself has to be seen' },
  ])(
    'at $path, closed, while a path of ours closes is $closes: $by',
    async ({ path, closes, by, because }) => {
      const edge = scriptedEdge((asked) => (asked.path === path ? answers.closed : answers.gate));
      const looks = [{ path: '/' }, { path: '/OPEN' }];
      const asked = { ...question, looks, closesPath: async () => closes };
      expect((await checkGate(asked, worldWith(edge).world))?.by, because).toBe(by);
    },
  );

  it.each([
    {
      path: '/OPEN',
      answer: 302,
      audience: 'going',
      by: undefined,
      because: 'an application of ours goes after the look',
    },
    { path: '/OPEN', answer: 302, audience: 'theirs', by: 'access-login', because: 'another asks there' },
    {
      path: '/',
      answer: 302,
      audience: 'going',
      by: 'access-login',
      because: 'the host itself has to be seen',
    },
    { path: '/OPEN', answer: 401, audience: 'going', by: undefined, because: 'machines are told so' },
    { path: '/OPEN', answer: 401, audience: '', by: 'access-refusal', because: 'nobody says whose it is' },
    {
      path: '/OPEN',
      answer: 403,
      audience: '',
      by: undefined,
      because: 'the tunnel demands a token at that path',
    },
    {
      path: '/other',
      answer: 403,
      audience: '',
      by: 'block',
      because: 'the tunnel demands none at this path',
    },
  ])(
    'at $path, which Access or the tunnel refuses with $answer: $by, because $because',
    async ({ path, answer, audience, by }) => {
      const headers = {
        ...(answer === 302 && {
          location: `https://team.cloudflareaccess.com/cdn-cgi/access/login/${host}?kid=${audience}`,
        }),
        ...(answer === 401 && {
          'cf-access-domain': host,
          ...(audience !== '' && { 'cf-access-aud': audience }),
        }),
      };
      const edge = scriptedEdge((asked) =>
        asked.path === path ? edgeAnswer(answer, headers) : answers.gate,
      );
      const asked: Question = {
        ...question,
        looks: [{ path: '/' }, { path: '/OPEN' }, { path: '/other' }],
        leavesPath: async (found) => found === 'going',
        demandsToken: async (found) => found === '/OPEN',
      };
      expect((await checkGate(asked, worldWith(edge).world))?.by).toBe(by);
    },
  );

  it.each([
    {
      because: 'a rule opens it that stays',
      look: { path: '/a%2Fb', encoded: true as const },
      by: undefined,
    },
    { because: 'no rule opens it', look: { path: '/a%2Fc', encoded: true as const }, by: 'application' },
    { because: 'it says what it is, without any code', look: { path: '/a/b' }, by: 'application' },
  ])('at $look.path, which the application answers: $by, because $because', async ({ look, by }) => {
    const edge = scriptedEdge(({ path }) => (path === look.path ? edgeAnswer(200) : answers.gate));
    const opensPath = async (found: string) => found !== '/a%2Fc';
    const asked: Question = { ...question, looks: [{ path: '/' }, look], opensPath };
    expect((await checkGate(asked, worldWith(edge).world))?.by).toBe(by);
  });

  const listener = edgeAnswer(401, { 'www-authenticate': 'Gates realm="hooks"' });
  const nothing = edgeAnswer(404);
  const calls: Question = {
    ...question,
    expect: { type: 'hooks', within: '^/hooks' },
    looks: [
      { path: '/' },
      { path: '/hooks/actions/a', method: 'POST' },
      { path: '/hooks/git', method: 'POST' },
    ],
    closesPath: async () => true,
  };

  it('at the hooks listener comes from POST calls', async () => {
    const edge = scriptedEdge(({ path }) => (path === '/' ? nothing : listener));
    expect(await checkGate(calls, worldWith(edge).world)).toBeUndefined();
    expect(edge.requests.map(({ method, path }) => [method, path])).toEqual([
      [undefined, '/'],
      ['POST', '/hooks/actions/a'],
      ['POST', '/hooks/git'],
    ]);
  });

  it.each([
    { hidden: ['/hooks/git'], by: 'guarded', because: 'the other call is seen' },
    { hidden: ['/hooks/git', '/hooks/actions/a'], by: 'nobody', because: 'no call is' },
  ])('at the hooks listener, where removed rules close $hidden: $by, because $because', async (row) => {
    const edge = scriptedEdge(({ path }) =>
      path === '/' ? nothing : row.hidden.includes(path) ? answers.closed : listener,
    );
    const { world, slept } = worldWith(edge);
    const finding = await checkGate(calls, world);
    expect(finding === undefined ? 'guarded' : 'nobody').toBe(row.by);
    if (finding !== undefined) expect(finding).toMatchObject({ by: undefined, weight: 'person' });
    expect(slept()).toBe(0);
  });

  it('ends when the run is stopped, for the reason of the stop', async () => {
    const stop = new AbortController();
    const edge = scriptedEdge(() => {
      stop.abort(new Error('SIGTERM'));
      return new UnreachableError('The edge does not answer');
    });
    await expect(checkGate(question, worldWith(edge, stop.signal).world)).rejects.toThrow('SIGTERM');
    expect(edge.requests).toHaveLength(1);
  });
});
