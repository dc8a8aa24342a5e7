import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHooks } from '../../../src/daemon/hooks/hooks.ts';
import { readPushEvent } from '../../../src/daemon/hooks/push-event.ts';
import { listen } from '../../../src/daemon/http/listener.ts';
import { rateLimit } from '../../../src/daemon/http/rate-limit.ts';
import { replayFile } from '../../../src/daemon/http/replay.ts';
import { noActions } from '../actions/played-actions.ts';
import { quietLog } from '../quiet-log.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { virtualClock } from '../virtual-clock.ts';

const SECRET = "It's a Secret to Everybody";
const REVISION = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const PUSH = JSON.stringify({ ref: 'refs/heads/main', after: REVISION });

async function hooksOf(more: { secret?: string | undefined; stateDir?: string } = {}) {
  const stateDir = more.stateDir ?? temporaryDirectory();
  const secret = 'secret' in more ? more.secret : SECRET;
  const pushes: (string | undefined)[] = [];
  const clock = virtualClock();
  const log = quietLog();
  const app = createHooks({
    ...(secret === undefined ? {} : { secret }),
    branch: 'main',
    replays: await replayFile(stateDir),
    clock,
    log,
    onPush: (revision) => pushes.push(revision),
    actions: await noActions(),
  });
  return { app, pushes, clock, log, stateDir };
}

function sign(body: string | Uint8Array, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function delivery(body: string, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': sign(body),
      ...headers,
    },
  };
}

/** An endless body: reading it to the end takes for ever. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
}

describe('a delivery', () => {
  it('that is signed and new starts a run for its revision', async () => {
    const { app, pushes } = await hooksOf();
    const response = await app.request('/hooks/git', delivery(PUSH));
    expect([response.status, pushes]).toEqual([202, [REVISION]]);
  });

  it('sent again is recognized, even after a restart', async () => {
    const first = await hooksOf();
    const same = delivery(PUSH);
    expect((await first.app.request('/hooks/git', same)).status).toBe(202);
    expect((await first.app.request('/hooks/git', same)).status).toBe(200);
    const second = await hooksOf({ stateDir: first.stateDir });
    expect((await second.app.request('/hooks/git', same)).status).toBe(200);
    expect([...first.pushes, ...second.pushes]).toEqual([REVISION]);
  });

  it('sent twice at the same moment starts one run', async () => {
    const { app, pushes } = await hooksOf();
    const same = delivery(PUSH);
    const responses = await Promise.all([1, 2, 3].map(() => app.request('/hooks/git', same)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 202]);
    expect(pushes).toHaveLength(1);
  });

  it.each([
    { header: {}, because: 'not signed' },
    { header: { 'x-hub-signature-256': sign(PUSH, 'wrong') }, because: 'signed with another secret' },
    { header: { 'x-hub-signature-256': sign(`${PUSH} `) }, because: 'signed for another body' },
    { header: { 'x-hub-signature': 'sha1=0' }, because: 'signed the old way' },
  ])('that is $because starts nothing', async ({ header }) => {
    const { app, pushes } = await hooksOf();
    const { 'x-hub-signature-256': _, ...headers } = delivery(PUSH).headers as Record<string, string>;
    const response = await app.request('/hooks/git', {
      method: 'POST',
      body: PUSH,
      headers: { ...headers, ...header },
    });
    expect([response.status, pushes]).toEqual([401, []]);
  });

  it('is refused while no secret is set, whatever its signature', async () => {
    const { app, pushes } = await hooksOf({ secret: undefined });
    const empty = delivery(PUSH, { 'x-hub-signature-256': sign(PUSH, '') });
    expect((await app.request('/hooks/git', delivery(PUSH))).status).toBe(401);
    expect((await app.request('/hooks/git', empty)).status).toBe(401);
    expect(pushes).toEqual([]);
  });

  it.each([
    { event: 'ping', body: '{"zen":"Design for failure."}', word: 'pong' },
    { event: 'issues', body: PUSH, word: 'not a push' },
    { event: 'push', body: PUSH.replace('main', 'main2'), word: 'not the watched branch' },
    { event: 'push', body: PUSH.replace('heads', 'tags'), word: 'not the watched branch' },
    { event: 'push', body: PUSH.replace(REVISION, '0'.repeat(40)), word: 'the branch was deleted' },
    { event: 'push', body: 'no JSON', word: 'not a push as a forge sends it' },
    { event: 'push', body: 'null', word: 'not a push as a forge sends it' },
  ])('$event with $word gets a reply in words and starts nothing', async ({ event, body, word }) => {
    const { app, pushes } = await hooksOf();
    const response = await app.request('/hooks/git', delivery(body, { 'x-github-event': event }));
    expect([response.status, await response.json(), pushes]).toEqual([
      202,
      { status: 'ignored', reason: word },
      [],
    ]);
  });

  it('may be a form, as GitHub sends by default', () => {
    const body = Buffer.from(new URLSearchParams({ payload: PUSH }).toString());
    const contentType = 'application/x-www-form-urlencoded';
    const event = readPushEvent({ event: 'push', contentType, body }, 'main');
    expect(event).toEqual({ type: 'push', revision: REVISION });
  });

  it('that names no commit still starts a run', () => {
    const body = Buffer.from('{"ref":"refs/heads/main"}');
    const event = readPushEvent({ event: 'push', contentType: 'application/json', body }, 'main');
    expect(event).toEqual({ type: 'push' });
  });

  it('that declares over 1 MiB is refused unread', async () => {
    const { app, pushes } = await hooksOf();
    const body = endless();
    const response = await app.request('/hooks/git', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-length': String(2 * 1024 * 1024), 'x-hub-signature-256': sign('') },
    });
    expect([response.status, body.locked, pushes]).toEqual([413, false, []]);
  });

  it('over 1 MiB without a declaration is refused as soon as it exceeds that', async () => {
    const { app, pushes } = await hooksOf();
    const response = await app.request('/hooks/git', {
      method: 'POST',
      body: endless(),
      duplex: 'half',
      headers: { 'x-hub-signature-256': sign('') },
    });
    expect([response.status, pushes]).toEqual([413, []]);
  });

  it('of exactly 1 MiB is read', async () => {
    const { app, pushes } = await hooksOf();
    const body = PUSH.padEnd(1024 * 1024);
    expect((await app.request('/hooks/git', delivery(body))).status).toBe(202);
    expect(pushes).toHaveLength(1);
  });

  it('is accepted when the disk fails', async () => {
    const { app, pushes, stateDir, log } = await hooksOf();
    const replays = path.join(stateDir, 'replay.log');
    // A directory in place of the file makes writing fail for every user, even root.
    rmSync(replays);
    mkdirSync(replays);
    expect((await app.request('/hooks/git', delivery(PUSH))).status).toBe(202);
    expect(pushes).toHaveLength(1);
    expect(log.lines.map(({ message }) => message)).toContain('delivery not saved in the state folder');
  });
});

it.each([
  ['GET', '/hooks/git'],
  ['PUT', '/hooks/git'],
  ['POST', '/hooks/git/'],
  ['POST', '/hooks'],
  ['GET', '/'],
  ['GET', '/api/status'],
  ['GET', '/healthz'],
])('%s %s is unknown to the listener', async (method, url) => {
  const { app } = await hooksOf();
  expect((await app.request(url, { method })).status).toBe(404);
});

describe('a flood of deliveries', () => {
  it('without signatures gets 429, and takes nothing from signed ones', async () => {
    const { app, pushes, clock } = await hooksOf();
    const statuses: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      statuses.push((await app.request('/hooks/git', { method: 'POST', body: 'x' })).status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    expect((await app.request('/hooks/git', delivery(PUSH))).status).toBe(202);
    expect(pushes).toHaveLength(1);
    const refused = await app.request('/hooks/git', { method: 'POST', body: 'x' });
    expect(refused.headers.get('retry-after')).toBe('1');
    await clock.advance(1_000);
    expect((await app.request('/hooks/git', { method: 'POST', body: 'x' })).status).toBe(401);
  });

  it('that break off in the middle fills no log', async () => {
    const { app, log } = await hooksOf();
    for (let n = 0; n < 300; n += 1) {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error('aborted')) });
      await app.request('/hooks/git', { ...delivery(PUSH), body, duplex: 'half' } as RequestInit);
    }
    const failures = log.lines.filter(({ level }) => level === 'error');
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.length).toBeLessThanOrEqual(60);
  });

  it('with signatures gets 429 as well, beyond what any forge would send', async () => {
    const { app, pushes } = await hooksOf();
    const statuses: number[] = [];
    for (let n = 0; n < 1_001; n += 1) {
      statuses.push((await app.request('/hooks/git', delivery(PUSH))).status);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect(pushes).toHaveLength(1_000);
  });

  it('of unsigned bytes gets 503, and is read again when there is room', async () => {
    const { app, pushes } = await hooksOf();
    const ends: (() => void)[] = [];
    /** Sends a MiB that ends only when the test says so. */
    const send = () => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(1024 * 1024));
          ends.push(() => controller.close());
        },
      });
      const headers = { 'x-hub-signature-256': sign('') };
      return app.request('/hooks/git', { method: 'POST', body, duplex: 'half', headers });
    };
    const all = Array.from({ length: 64 }, send);
    const beyond = await send();
    expect([beyond.status, beyond.headers.get('retry-after')]).toEqual([503, '1']);
    for (const end of ends.slice(0, all.length)) end();
    const refused = await Promise.all(all);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401, 429]));
    expect((await app.request('/hooks/git', delivery(PUSH))).status).toBe(202);
    expect(pushes).toHaveLength(1);
  });

  it('is counted in places that become free with time', async () => {
    const clock = virtualClock();
    const limit = rateLimit(2, 0.5, clock);
    expect([limit.take(), limit.take(), limit.take()]).toEqual([true, true, false]);
    expect(limit.retryAfter()).toBe(2);
    await clock.advance(2_000);
    expect([limit.take(), limit.take()]).toEqual([true, false]);
    await clock.advance(60_000);
    expect([limit.take(), limit.take(), limit.take()]).toEqual([true, true, false]);
  });
});

describe('the record of deliveries', () => {
  it('is bounded in memory and on disk, and forgets the oldest', async () => {
    const stateDir = temporaryDirectory();
    const replays = await replayFile(stateDir, 10);
    const body = Buffer.from('x');
    for (let n = 0; n < 50; n += 1) expect(await replays.admit(`d${n}`, body)).toBe(true);
    const lines = readFileSync(path.join(stateDir, 'replay.log'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(20);
    const again = await replayFile(stateDir, 10);
    for (let n = 40; n < 50; n += 1) expect(await again.admit(`d${n}`, body)).toBe(false);
    expect(await again.admit('d0', body)).toBe(true);
  });

  it('survives a line that was cut by a crash', async () => {
    const stateDir = temporaryDirectory();
    const replays = await replayFile(stateDir);
    await replays.admit('a', Buffer.from('x'));
    appendFileSync(path.join(stateDir, 'replay.log'), 'abc');
    const again = await replayFile(stateDir);
    expect(await again.admit('a', Buffer.from('x'))).toBe(false);
    expect(await again.admit('b', Buffer.from('x'))).toBe(true);
    expect(await (await replayFile(stateDir)).admit('b', Buffer.from('x'))).toBe(false);
  });

  it('distinguishes deliveries by id and by body', async () => {
    const replays = await replayFile(temporaryDirectory());
    const one = Buffer.from('one');
    expect(await replays.admit('a', one)).toBe(true);
    expect(await replays.admit('b', one)).toBe(true);
    expect(await replays.admit('a', Buffer.from('two'))).toBe(true);
    expect(await replays.admit('a', one)).toBe(false);
  });
});

describe('on a real socket', () => {
  async function listening(requestTimeout?: number) {
    const hooks = await hooksOf();
    const options = { variable: 'GATES_HOOKS_LISTEN', ...(requestTimeout ? { requestTimeout } : {}) };
    const listener = await listen(hooks.app, { host: '127.0.0.1', port: 0 }, options);
    onTestFinished(() => listener.close());
    return { ...hooks, url: `${listener.url}/hooks/git`, port: Number(new URL(listener.url).port) };
  }

  it('the statuses reach the client', async () => {
    const { url, pushes } = await listening();
    const same = delivery(PUSH);
    const large = 'x'.repeat(2 * 1024 * 1024);
    const calls = [same, same, { method: 'POST', body: PUSH }, delivery(large)];
    const statuses: number[] = [];
    for (const call of calls) statuses.push((await fetch(url, call)).status);
    expect(statuses).toEqual([202, 200, 401, 413]);
    expect(pushes).toEqual([REVISION]);
  });

  it('a slow client is cut off', async () => {
    const { port } = await listening(100);
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /hooks/git HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nx');
    socket.resume();
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  it('an address in use is a mistake that names its variable', async () => {
    const { port, app } = await listening();
    const again = listen(app, { host: '127.0.0.1', port }, { variable: 'GATES_HOOKS_LISTEN' });
    await expect(again).rejects.toMatchObject({
      name: 'ConfigError',
      hint: expect.stringContaining('GATES_HOOKS_LISTEN'),
    });
  });
});
