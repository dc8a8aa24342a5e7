import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createOwnWrites } from '../../../src/clients/state/own-writes.ts';

const now = new Date('2026-11-27T12:00:00.000Z');
const clock = { now: () => now, sleep: async () => {} };
const base = 'https://api.cloudflare.com/client/v4';

async function recorded() {
  const directory = await mkdtemp(path.join(tmpdir(), 'gates-own-writes-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'state', 'own-writes.jsonl');
  return { file, own: createOwnWrites(file, clock), again: () => createOwnWrites(file, clock) };
}

const answer = (headers: Record<string, string>) => async () => new Response('{}', { headers });

it('the record has writes with the id of their reply, and no reads', async () => {
  const { own, again, file } = await recorded();
  const cloudflare = own.around('cloudflare', base, answer({ 'cf-ray': '8e9b1c60ef9e1c9a-AMS' }));
  await cloudflare(`${base}/zones?page=1`);
  await cloudflare(`${base}/zones/z/dns_records?x=1`, { method: 'POST', body: 'secret' });
  const authentik = own.around('authentik', 'http://ak.lan:9000', answer({ 'x-authentik-id': 'f00d' }));
  await authentik(new Request('http://ak.lan:9000/api/v3/core/groups/', { method: 'PATCH' }));
  const at = now.toISOString();
  expect(await again().list()).toEqual([
    {
      ...{ system: 'cloudflare', at, method: 'POST', path: '/zones/z/dns_records' },
      requestId: '8e9b1c60ef9e1c9a',
    },
    { system: 'authentik', at, method: 'PATCH', path: '/api/v3/core/groups/', requestId: 'f00d' },
  ]);
  expect(await readFile(file, 'utf8')).not.toContain('secret');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('the record has a write before it is sent, so that a killed process has recorded it too', async () => {
  const { own, again } = await recorded();
  let seen: readonly unknown[] = [];
  const send = own.around('cloudflare', base, async () => {
    seen = await again().list();
    throw new TypeError('fetch failed');
  });
  await expect(send(`${base}/zones/z`, { method: 'DELETE' })).rejects.toThrow('fetch failed');
  const expected = [{ system: 'cloudflare', at: now.toISOString(), method: 'DELETE', path: '/zones/z' }];
  expect(seen).toEqual(expected);
  expect(await again().list()).toEqual(expected);
});

it('the record skips a line that was cut short, and writes too old for anybody to ask about', async () => {
  const { own, again, file } = await recorded();
  const send = own.around('cloudflare', base, answer({}));
  await send(`${base}/zones/z`, { method: 'DELETE' });
  const old = { key: 'k', system: 'cloudflare', at: '2026-10-27T00:00:00Z', method: 'PUT', path: '/old' };
  await appendFile(file, `${JSON.stringify(old)}\n{"key":"`);
  expect((await again().list()).map(({ path: written }) => written)).toEqual(['/zones/z']);
});

it('the record drops the older half of a file that has grown too large', async () => {
  const { own, again, file } = await recorded();
  const send = own.around('cloudflare', base, answer({}));
  await send(`${base}/first`, { method: 'DELETE' });
  const line = { system: 'cloudflare', at: now.toISOString(), method: 'PUT', path: `/${'x'.repeat(1000)}` };
  const lines = Array.from({ length: 2500 }, (_, key) => `${JSON.stringify({ key: `${key}`, ...line })}\n`);
  await appendFile(file, lines.join(''));
  const next = again();
  await next.around('cloudflare', base, answer({}))(`${base}/last`, { method: 'DELETE' });
  const kept = await next.list();
  expect(kept.at(-1)?.path).toBe('/last');
  expect(kept.length).toBeGreaterThan(1200);
  expect(kept.length).toBeLessThan(1300);
});

it('a write is sent even if it cannot be recorded', async () => {
  const { file, again } = await recorded();
  const place = path.dirname(file);
  await writeFile(place, 'no folder');
  const send = again().around('cloudflare', base, answer({}));
  expect((await send(`${base}/zones/z`, { method: 'DELETE' })).ok).toBe(true);
});
