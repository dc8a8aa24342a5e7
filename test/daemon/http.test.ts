import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../src/daemon/http.ts';
import { staleness } from '../../src/daemon/status/staleness.ts';
import type { Bearers } from '../../src/daemon/verify/bearers.ts';
import type { TokenVerdict } from '../../src/daemon/verify/verifier.ts';
import type { Status } from '../../src/report/status/status.ts';
import { virtualClock } from './virtual-clock.ts';

const NOON = '2026-03-01T12:00:00.000Z';

const IDLE: Status = {
  version: '0.1.0',
  pid: 1,
  host: 'h',
  since: NOON,
  updatedAt: NOON,
  phase: 'idle',
  repository: { url: '/srv/gates.git', branch: 'main', file: 'gates.yaml' },
  lastRun: {
    id: 'r',
    triggers: ['start'],
    startedAt: NOON,
    finishedAt: NOON,
    result: 'done',
    counts: {},
    problems: [],
    warnings: [],
  },
};

const { lastRun: _, ...NEW } = IDLE;
const running = { id: 'r', triggers: ['start'], startedAt: NOON, step: 'apply' } as const;
const schedule = { cron: '*/5 * * * *', timezone: 'UTC', next: '2026-03-01T12:05:00.000Z' };

describe('the loop', () => {
  it.each([
    { status: IDLE, at: '23:59', stale: false, because: 'nothing is due' },
    { status: { ...IDLE, schedule }, at: '12:07', stale: false, because: 'the run may begin a little late' },
    {
      status: { ...IDLE, schedule },
      at: '12:08',
      stale: true,
      because: 'the run that was due did not begin',
    },
    {
      status: { ...IDLE, schedule: { ...schedule, jitter: 60 } },
      at: '12:08',
      stale: false,
      because: 'it may begin a minute later still, by chance',
    },
    { status: NEW, at: '12:00', stale: true, because: 'no run has ended yet' },
    { status: { ...IDLE, schedule, running }, at: '12:10', stale: false, because: 'a long run makes steps' },
    { status: { ...IDLE, running }, at: '12:11', stale: true, because: 'the run makes no step' },
    { status: { ...IDLE, phase: 'stopping' } as const, at: '12:00', stale: true, because: 'it stops' },
  ])('is stale at $at: $stale, since $because', ({ status, at, stale }) => {
    expect(staleness(status, new Date(`2026-03-01T${at}:00.000Z`)) !== undefined).toBe(stale);
  });
});

it('the listener answers for health, readiness and status, and nothing else', async () => {
  let status: Status = IDLE;
  const app = createHttp({
    bearers: async () => undefined,
    status: async () => status,
    clock: virtualClock(NOON),
    verify: async () => ({ type: 'refused' }),
    metrics: async (now, ready) => ({ text: `${now.phase} ${ready}\n`, type: 'text/plain; version=0.0.4' }),
  });
  const get = async (url: string, method = 'GET') => {
    const response = await app.request(url, { method });
    return [response.status, await response.text()];
  };
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  expect(await get('/readyz')).toEqual([200, 'ok\n']);
  expect(await get('/api/status')).toEqual([200, JSON.stringify(IDLE)]);
  expect(await get('/metrics')).toEqual([200, 'idle true\n']);
  expect((await app.request('/metrics')).headers.get('content-type')).toBe('text/plain; version=0.0.4');
  for (const url of ['/', '/hooks/git', '/api']) expect((await get(url))[0]).toBe(404);
  expect((await get('/api/status', 'POST'))[0]).toBe(404);
  status = NEW;
  expect(await get('/readyz')).toEqual([503, 'not ready: no run has ended yet\n']);
  expect(await get('/metrics')).toEqual([200, 'idle false\n']);
  expect((await app.request('/api/status')).headers.get('cache-control')).toBe('no-store');
});

it.each([
  ['127.0.0.1:8420', 200],
  ['[::1]:8420', 200],
  ['localhost:8420', 200],
  ['nas.lan:8420', 200],
  ['evil.example', 421],
  ['nas.lan.evil.example:8420', 421],
])('the listener answers for its status under the name %s with %i', async (host, status) => {
  const app = createHttp({
    bearers: async () => undefined,
    status: async () => IDLE,
    clock: virtualClock(NOON),
    hosts: ['nas.lan'],
    verify: async () => ({ type: 'refused' }),
    metrics: async () => ({ text: '', type: 'text/plain' }),
  });
  const response = await app.request(`http://${host}/api/status`);
  expect(response.status).toBe(status);
  if (status === 421) expect(await response.text()).toContain('GATES_STATUS_HOSTS');
  // A proxy or a monitor may use any name for these paths.
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    expect((await app.request(`http://${host}${path}`)).status).toBe(200);
  }
});

it.each(['SIGTERM', 'SIGINT'] as const)('%s stops a process, SIGHUP makes it read again', async (name) => {
  // The module is built first, since not every supported Node can load TypeScript.
  const source = readFileSync('src/daemon/lease/process-signals.ts', 'utf8');
  const { code } = await transform(source, { loader: 'ts', format: 'esm' });
  const script = `${code}
    const say = (word) => process.stdout.write(word + '\\n');
    const alive = setInterval(() => {}, 1000);
    const off = onHangup(() => { off(); say('hangup'); });
    stopSignal().addEventListener('abort', (event) => { say(event.target.reason.message); clearInterval(alive); });
    say('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const said: string[] = [];
  const next = async () => {
    const [chunk] = await once(child.stdout, 'data');
    said.push(String(chunk).trim());
  };
  await next();
  child.kill('SIGHUP');
  await next();
  child.kill(name);
  await next();
  const [exitCode] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect([said, exitCode]).toEqual([['ready', 'hangup', `stopped by ${name}`], 0]);
});

it.each<{ verdict: TokenVerdict; status: number; headers: (string | null)[] }>([
  {
    verdict: { type: 'admitted', visitor: { user: 'me@example.dev', email: 'me@example.dev' } },
    status: 200,
    headers: ['me@example.dev', 'me@example.dev'],
  },
  { verdict: { type: 'admitted', visitor: { user: 'f00d' } }, status: 200, headers: ['f00d', null] },
  { verdict: { type: 'refused' }, status: 401, headers: [null, null] },
  { verdict: { type: 'unknown' }, status: 503, headers: [null, null] },
])('a proxy gets $status when the token is $verdict.type', async ({ verdict, status, headers }) => {
  const requests: unknown[] = [];
  const app = createHttp({
    bearers: async () => undefined,
    status: async () => IDLE,
    clock: virtualClock(NOON),
    metrics: async () => ({ text: '', type: 'text/plain' }),
    verify: async (request) => {
      requests.push(request);
      return verdict;
    },
  });
  const answer = await app.request('/verify?host=App.example.dev&path=/admin/**', {
    headers: {
      'cf-access-jwt-assertion': 'a.b.c',
      'x-forwarded-host': 'other.example.dev',
      host: 'other.example.dev',
      cookie: 'CF_Authorization=d.e.f',
    },
  });
  expect(answer.status).toBe(status);
  expect(['remote-user', 'remote-email'].map((name) => answer.headers.get(name))).toEqual(headers);
  expect(requests).toEqual([{ host: 'app.example.dev', path: '/admin/**', token: 'a.b.c' }]);
  expect((await app.request('/verify')).status).toBe(400);
});

it.each<{ judged: Awaited<ReturnType<Bearers>>; status: number; says: (string | null)[] }>([
  { judged: { type: 'admitted', subject: 'ci' }, status: 200, says: ['ci', null] },
  { judged: { type: 'admitted', subject: 'ci\ndev' }, status: 200, says: [null, null] },
  { judged: { type: 'admitted', subject: undefined }, status: 200, says: [null, null] },
  {
    judged: { type: 'refused', challenge: 'Gates realm="verify"' },
    status: 401,
    says: [null, 'Gates realm="verify"'],
  },
  { judged: { type: 'unknown' }, status: 503, says: [null, null] },
])('a proxy gets $status about a caller who is $judged.type', async ({ judged, status, says }) => {
  const requests: unknown[] = [];
  const app = createHttp({
    status: async () => IDLE,
    clock: virtualClock(NOON),
    metrics: async () => ({ text: '', type: 'text/plain' }),
    verify: async () => ({ type: 'refused' }),
    bearers: async ({ host, method, uri, header }) => {
      requests.push({ host, method, uri, token: header('authorization') });
      return judged;
    },
  });
  const headers = {
    ...{ host: 'other.example.dev', 'x-forwarded-host': 'other.example.dev', authorization: 'Bearer a.b.c' },
    ...{ 'x-forwarded-method': 'POST', 'x-forwarded-uri': '/v1/items?x' },
  };
  const answer = await app.request('/verify?host=Api.example.dev', { headers });
  expect(answer.status).toBe(status);
  expect(['remote-user', 'www-authenticate'].map((name) => answer.headers.get(name))).toEqual(says);
  expect(requests).toEqual([
    { host: 'api.example.dev', method: 'POST', uri: '/v1/items?x', token: 'Bearer a.b.c' },
  ]);
});
