import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FILE, inForceOf, OTHER, playedActions, SECRET, signatureOf } from './played-actions.ts';

async function door() {
  const played = await playedActions();
  played.queue.follow(inForceOf());
  return played;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const MINUTES = 60_000;
const DONE = { state: 'done', exit: 0, output: 'tidied\n' } as const;

describe('a signed call', () => {
  it('is accepted with an id, runs what the file says, and answers a later question about it', async () => {
    const { call, ask, started, queue } = await door();
    const response = await call('tidy', '{"from":"ci"}');
    const { id } = (await response.json()) as { id: string };
    expect(response.status).toBe(202);
    await until(() => started.length === 1);
    expect(started[0]?.action).toBe(queue.inForce().declared.get('tidy'));
    expect(await (await ask('tidy', id)).json()).toMatchObject({ id, action: 'tidy', state: 'running' });
    started[0]?.end.resolve(DONE);
    await queue.settled();
    const answer = await ask('tidy', id);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ state: 'done', exit: 0, output: 'tidied\n' });
  });

  it('that arrives again keeps its id and starts nothing, even after a restart', async () => {
    const first = await door();
    const signature = signatureOf('{}', first.clock.now());
    const { id } = (await (await first.call('tidy', '{}', signature)).json()) as { id: string };
    const again = await first.call('tidy', '{}', signature);
    expect([again.status, await again.json()]).toEqual([200, { status: 'already seen', id }]);
    await until(() => first.started.length === 1);
    first.started[0]?.end.resolve(DONE);
    await first.queue.settled();
    const second = await playedActions(first.stateDir, first.clock);
    second.queue.follow(inForceOf());
    const late = await second.call(
      'tidy',
      '{}',
      signature.toUpperCase().replace('T=', 't=').replace('V1', 'v1'),
    );
    expect([late.status, await late.json()]).toEqual([200, { status: 'already seen', id }]);
    expect([first.started.length, second.started.length]).toEqual([1, 0]);
  });

  it.each([
    { off: -5 * MINUTES, status: 202 },
    { off: 5 * MINUTES, status: 202 },
    { off: -5 * MINUTES - 1000, status: 401 },
    { off: 5 * MINUTES + 1000, status: 401 },
  ])('whose clock is off by $off ms gets $status', async ({ off, status }) => {
    const { call, clock, started, queue } = await door();
    const at = new Date(clock.now().getTime() + off);
    expect((await call('tidy', '{}', signatureOf('{}', at))).status).toBe(status);
    if (status === 202) await until(() => started.length === 1);
    started[0]?.end.resolve(DONE);
    await queue.settled();
    expect(started).toHaveLength(status === 202 ? 1 : 0);
  });

  it('becomes stale before the daemon forgets its signature', async () => {
    const { call, clock, started, queue } = await door();
    const signature = signatureOf('{}', new Date(clock.now().getTime() + 5 * MINUTES));
    const answers: number[] = [];
    for (const _ of Array.from({ length: 12 })) {
      answers.push((await call('tidy', '{}', signature)).status);
      // Another call in between makes the daemon forget what is over.
      await call('reconcile', `{"n":${answers.length}}`);
      await clock.advance(MINUTES);
    }
    expect(answers).toEqual([202, ...Array(10).fill(200), 401]);
    started[0]?.end.resolve(DONE);
    await queue.settled();
    expect(started).toHaveLength(1);
  });
});

describe('a call that is refused', () => {
  it.each([
    { because: 'has no signature', header: undefined },
    { because: 'has an empty one', header: '' },
    { because: 'is signed with another secret', header: 'wrong secret' },
    { because: 'is signed with no secret', header: 'no secret' },
    { because: 'is signed for another body', header: 'other body' },
    { because: 'is signed without its time', header: 'no time' },
    { because: 'has a time that is no number', header: `t=now,v1=${'0'.repeat(64)}` },
    { because: 'has a time below zero', header: `t=-1,v1=${'0'.repeat(64)}` },
    { because: 'has a signature that is too short', header: 't=1772366400,v1=00' },
    { because: 'has only the signature', header: `v1=${'0'.repeat(64)}` },
    { because: 'has the parts the other way round', header: `v1=${'0'.repeat(64)},t=1772366400` },
    { because: 'has a second signature', header: `t=1772366400,v1=${'0'.repeat(64)},v1=${'1'.repeat(64)}` },
  ])('$because', async ({ header }) => {
    const { request, clock, started, store } = await door();
    const at = clock.now();
    const made: Readonly<Record<string, string>> = {
      'wrong secret': signatureOf('{}', at, 'wrong'),
      'no secret': signatureOf('{}', at, ''),
      'other body': signatureOf('{ }', at),
      'no time': signatureOf('{}', at).replace(/v1=.*/, `v1=${signatureOf('', 0).slice(-64)}`),
    };
    const given = header === undefined ? undefined : (made[header] ?? header);
    const headers: Record<string, string> = given === undefined ? {} : { 'x-gates-signature': given };
    const known = await request('POST', 'tidy', '{}', headers);
    const unknown = await request('POST', 'no-such-action', '{}', headers);
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(await known.text()).toBe(await unknown.text());
    expect([started, store.current().calls]).toEqual([[], []]);
  });

  it.each([
    { name: 'lone', secret: SECRET, because: 'only another gate lists it' },
    { name: 'tidy', secret: OTHER, because: 'only another gate lists it, the other way round' },
    { name: 'no-such-action', secret: SECRET, because: 'there is none' },
  ])('of a caller with a valid secret is unknown, because $because', async ({ name, secret }) => {
    const { call, clock, started } = await door();
    const response = await call(name, '{}', signatureOf('{}', clock.now(), secret));
    expect([response.status, await response.json(), started]).toEqual([404, { status: 'unknown' }, []]);
  });

  it('names an action that its gate no longer lists', async () => {
    const { call, queue, started } = await door();
    queue.follow(inForceOf(FILE.replace(', tidy', '')));
    expect([(await call('tidy')).status, started]).toEqual([404, []]);
  });

  it('uses the signature of another action, or of a question', async () => {
    const { call, ask, clock, started, queue } = await door();
    const signature = signatureOf('', clock.now());
    expect((await ask('tidy', '00000000-0000-4000-8000-000000000000', signature)).status).toBe(404);
    expect((await call('tidy', '', signature)).status).toBe(401);
    const other = signatureOf('{}', clock.now());
    expect((await call('reconcile', '{}', other)).status).toBe(202);
    expect((await call('tidy', '{}', other)).status).toBe(401);
    await queue.settled();
    expect(started).toEqual([]);
  });

  it('is too large, whether it declares that or not', async () => {
    const { app, call, started } = await door();
    const large = 'x'.repeat(1024 * 1024 + 1);
    expect((await call('tidy', large)).status).toBe(413);
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
    const endless = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'x-gates-signature': signatureOf('', 0) },
    };
    expect((await app.request('/hooks/actions/tidy', endless as RequestInit)).status).toBe(413);
    expect(started).toEqual([]);
  });

  it('is one of too many: strangers use up nothing of signed calls, nor one action of another', async () => {
    const { call, request } = await door();
    for (const _ of Array.from({ length: 60 })) await request('POST', 'tidy', '{}', {});
    const stranger = await request('POST', 'tidy', '{}', {});
    expect([stranger.status, Number(stranger.headers.get('retry-after'))]).toEqual([429, 1]);
    for (let n = 0; n < 120; n += 1) await call('reconcile', `{"n":${n}}`);
    expect((await call('reconcile', '{"n":"more"}')).status).toBe(429);
    expect((await call('call', '{}')).status).toBe(202);
  });

  it.each([
    ['GET', 'tidy'],
    ['PUT', 'tidy'],
    ['POST', 'Tidy'],
    ['POST', 'tidy/'],
    ['POST', 'tidy/x'],
    ['POST', ''],
    ['DELETE', 'tidy/00000000-0000-4000-8000-000000000000'],
  ])('is no call at all: %s %s', async (method, path) => {
    const { request, clock } = await door();
    const body = method === 'GET' ? undefined : '{}';
    const headers = { 'x-gates-signature': signatureOf(body ?? '', clock.now()) };
    expect((await request(method, path, body, headers)).status).toBe(404);
  });

  it('for the keys of issuers is accepted like any other', async () => {
    const { call } = await door();
    expect((await call('sync-jwks')).status).toBe(202);
  });

  it('shows the secret nowhere', async () => {
    const { call, log } = await door();
    await call('tidy', '{}', 'x');
    await call('reconcile');
    expect(JSON.stringify(log.lines)).not.toMatch(/canary/);
  });
});

describe('a file without such a gate', () => {
  it('accepts no calls, signed or not', async () => {
    const { call, request } = await playedActions();
    expect((await call('tidy')).status).toBe(404);
    expect((await request('POST', 'tidy', '{}', {})).status).toBe(404);
  });
});

describe('a secret that cannot be read', () => {
  it('admits nobody by its gate, closes no other gate, and is reported once a minute', async () => {
    const { call, clock, log, queue, started } = await door();
    queue.follow(inForceOf(FILE.replace('env: FIRST', 'env: GONE')));
    expect((await call('tidy')).status).toBe(401);
    expect((await call('lone', '{}', signatureOf('{}', clock.now(), OTHER))).status).toBe(202);
    await until(() => started.length === 1);
    expect(log.lines.filter(({ message }) => message === 'secret of a webhook gate not read')).toHaveLength(
      1,
    );
  });
});
