import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeReceiver } from '../../clients/notify/fake-receiver.ts';
import { createForge } from '../forge.ts';
import { SECRET, startDaemon } from '../running-daemon.ts';

const NOTIFY = 'canary-notify-secret';
const environment = { ...process.env, NOTIFY_SECRET: NOTIFY };

describe('gates run, with a receiver', () => {
  it('reports a mistake once, and once that it is fixed', async () => {
    const forge = createForge();
    const { url, calls } = await fakeReceiver({ status: 204 });
    const good = forge.push({ 'gates.yaml': `notify ${url}/hook\n` });
    const { runs, push, hangup, status, stop, stateDir, logged } = await startDaemon(forge, { environment });
    await runs.at(0);
    const bad = forge.push({ 'gates.yaml': `a ${SECRET}\n  mistake` });
    await push(bad);
    await runs.at(1);
    for (const run of [2, 3]) {
      hangup();
      await runs.at(run);
    }
    await expect.poll(() => calls.length).toBe(1);
    expect((await status()).rejected?.revision).toBe(bad);
    const mended = forge.push({ 'gates.yaml': `notify ${url}/hook\n# mended` });
    await push(mended);
    await runs.at(4);
    await expect.poll(() => calls.length).toBe(2);
    const note = () => readFileSync(path.join(stateDir, 'notes', 'notify', 'told'), 'utf8');
    await expect.poll(() => JSON.parse(note())).toMatchObject({ told: { topics: {} }, owed: [] });
    await stop();
    expect(calls.map(({ body }) => [body.tone, body.title])).toEqual([
      ['trouble', `Mistake in gates.yaml: gates applies nothing of revision ${bad.slice(0, 8)} by Ada`],
      ['good', 'Good again: gates.yaml has no mistakes'],
    ]);
    expect(calls[0]?.body).toMatchObject({
      details: ['gates.yaml:2:3 unknown key'],
      since: expect.stringMatching(/^Since \d{4}-\d\d-\d\d \d\d:\d\d Europe\/Paris$/),
      advice: `gates keeps revision ${good.slice(0, 8)}. Push a commit that fixes it.`,
    });
    expect(calls[0]?.headers['x-gates-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    for (const text of [note(), logged.join(''), JSON.stringify(calls)]) expect(text).not.toContain('canary');
  });

  it('runs as usual when the receiver does not answer, or the secret is not set', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'notify http://127.0.0.1:1/hook\n' });
    const deaf = await startDaemon(forge, { environment });
    const bare = await startDaemon(forge, { environment: process.env });
    await Promise.all([deaf.runs.at(0), bare.runs.at(0)]);
    forge.push({ 'gates.yaml': 'mistake' });
    for (const { hangup } of [deaf, bare]) hangup();
    expect(await Promise.all([deaf.runs.at(1), bare.runs.at(1)])).toEqual(['done', 'done']);
    await expect.poll(() => bare.logged.join('')).toContain('Set the environment variable NOTIFY_SECRET');
    // The notice is still being retried, and ends with the daemon.
    await Promise.all([deaf.stop(), bare.stop()]);
    expect(deaf.logged.join('')).not.toContain('canary');
  });
});
