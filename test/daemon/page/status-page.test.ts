import { describe, expect, it, onTestFinished } from 'vitest';
import { createStatusPage } from '../../../src/daemon/page/status-page.ts';
import { GOOD_DAY } from '../../page/sample-page.ts';
import { servePage } from '../../page/served-page.ts';
import { createForge } from '../forge.ts';
import { startDaemon } from '../running-daemon.ts';
import { virtualClock } from '../virtual-clock.ts';

const HERE = 'http://127.0.0.1:8420';

describe('the page of the listener', () => {
  it('may load its own style and script, and nothing else', async () => {
    const { app } = servePage(GOOD_DAY);
    for (const [path, type] of [
      ['/', 'text/html; charset=UTF-8'],
      ['/page.css', 'text/css; charset=utf-8'],
      ['/page.js', 'text/javascript; charset=utf-8'],
    ]) {
      const { status, headers } = await app.request(`${HERE}${path}`);
      expect([status, headers.get('content-type')]).toEqual([200, type]);
      const policy = headers.get('content-security-policy')?.split('; ');
      expect(policy).toEqual(
        expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
      );
      expect(policy?.join()).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  it.each(['/', '/page.css', '/page.js', '/page/events'])('serves no other name at %s', async (path) => {
    const { app, isWatched } = servePage(GOOD_DAY);
    const answer = await app.request(`http://evil.example${path}`);
    expect([answer.status, await answer.text()]).toEqual([
      421,
      'Unknown host evil.example: add its name to GATES_STATUS_HOSTS\n',
    ]);
    expect(isWatched()).toBe(false);
  });

  it('accepts nothing: a browser can only read it', async () => {
    const { app } = servePage(GOOD_DAY);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      for (const path of ['/', '/page/events']) {
        expect((await app.request(`${HERE}${path}`, { method })).status).toBe(404);
      }
    }
  });

  it('serves its event stream only to its own pages', async () => {
    const { app, isWatched } = servePage(GOOD_DAY);
    const other = { headers: { 'sec-fetch-site': 'cross-site' } };
    expect((await app.request(`${HERE}/page/events`, other)).status).toBe(403);
    expect(isWatched()).toBe(false);
    const own = await app.request(`${HERE}/page/events`, { headers: { 'sec-fetch-site': 'same-origin' } });
    expect([own.status, own.headers.get('content-type'), isWatched()]).toEqual([
      200,
      'text/event-stream',
      true,
    ]);
    await own.body?.cancel();
    expect(isWatched()).toBe(false);
  });

  it('turns a browser away while too many hold a stream', async () => {
    const { app, close } = servePage(GOOD_DAY);
    onTestFinished(close);
    const statuses = [];
    for (let count = 0; count < 33; count += 1)
      statuses.push((await app.request(`${HERE}/page/events`)).status);
    expect(statuses).toEqual([...Array.from({ length: 32 }, () => 200), 503]);
  });

  it('is rendered once for simultaneous requests, and anew after a change', async () => {
    const clock = virtualClock(GOOD_DAY.now.toISOString());
    let [reads, status] = [0, GOOD_DAY.status];
    const page = createStatusPage({
      status: async () => status,
      doors: () => GOOD_DAY.doors,
      runs: async () => {
        reads += 1;
        return GOOD_DAY.runs;
      },
      onChange: () => () => {},
      clock,
      addresses: false,
    });
    await Promise.all([page.html(), page.html(), page.html()]);
    expect(reads).toBe(1);
    status = { ...status, phase: 'running', updatedAt: clock.now().toISOString() };
    expect(await page.html()).toContain(', running');
    expect(reads).toBe(2);
    await clock.advance(1_000);
    await page.html();
    expect(reads).toBe(3);
  });
});

describe('the page of a daemon', () => {
  const off = [404, expect.stringContaining('GATES_STATUS_PAGE=on')] as const;
  const on = [200, expect.stringContaining('<title>')] as const;

  it.each([
    { host: '127.0.0.1', statusPage: undefined, answer: on, because: 'only this machine reaches it' },
    { host: '127.0.0.1', statusPage: 'off', answer: off, because: 'nobody wants it' },
    { host: '0.0.0.0', statusPage: undefined, answer: off, because: 'others reach it' },
    { host: '0.0.0.0', statusPage: 'on', answer: on, because: 'somebody wants it' },
    { host: '0.0.0.0', statusPage: 'addresses', answer: on, because: 'somebody wants it, with addresses' },
  ] as const)('at $host with $statusPage answers because $because', async ({ host, statusPage, answer }) => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'a file' });
    const { listening, stop } = await startDaemon(forge, { listen: { host, port: 0 }, statusPage });
    const url = listening.status.replace('0.0.0.0', '127.0.0.1');
    const reply = await fetch(`${url}/`);
    expect([reply.status, await reply.text()]).toEqual(answer);
    expect(listening.page).toBe(answer === on ? `${listening.status}/` : undefined);
    // The hooks listener, which anybody can reach, has no page.
    expect((await fetch(`${listening.hooks}/`)).status).toBe(404);
    await stop();
  });

  it('announces a run to a browser, and does not delay the end', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'a file' });
    const { listening, runs, hangup, stop } = await startDaemon(forge);
    await runs.at(0);
    const stream = (await fetch(`${listening.status}/page/events`)).body?.pipeThrough(
      new TextDecoderStream(),
    );
    const reader = stream?.getReader();
    hangup();
    let said = '';
    while (!said.includes('event: change')) said += (await reader?.read())?.value;
    await stop();
    await reader?.read().catch(() => {});
  });
});
