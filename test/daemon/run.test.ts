import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createHistory } from '../../src/clients/state/history.ts';
import { sourceText } from '../../src/core/sources/source-files.ts';
import type { Clock } from '../../src/core/world.ts';
import { acquireLease, leaseDirectory } from '../../src/daemon/lease/lease.ts';
import { lastGoodFile } from '../../src/daemon/run/last-good.ts';
import { readStatusFile } from '../../src/daemon/status/status-file.ts';
import { createForge, serveForge } from './forge.ts';
import { patientClock } from './patient-clock.ts';
import { deferred, type RunningDaemon, SECRET, startDaemon, textOf } from './running-daemon.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TOKEN = 'canary-git-token';

/** The status file of an idle daemon, once it matches the daemon's own status. */
async function settledStatus({ stateDir, status }: RunningDaemon): Promise<string> {
  const read = () => readFileSync(path.join(stateDir, 'status.json'), 'utf8');
  await expect.poll(async () => isDeepStrictEqual(JSON.parse(read()), await status())).toBe(true);
  return read();
}

describe('gates run', () => {
  it('applies the head at its start, and the revision of a signed push', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { requests, runs, push, status, stop, stateDir } = await startDaemon(forge);
    expect(textOf(await requests.at(0))).toBe('one');
    await runs.at(0);
    const revision = forge.push({ 'gates.yaml': 'two' }, 'Second');
    expect(await push(revision)).toBe(202);
    expect(textOf(await requests.at(1))).toBe('two');
    await runs.at(1);
    const now = await status();
    expect(now).toMatchObject({
      phase: 'idle',
      inForce: { revision, subject: 'Second', applied: true },
      lastRun: { triggers: [`push ${revision.slice(0, 8)}`], result: 'done' },
      schedule: { cron: '0 0 1 1 *', timezone: 'Europe/Paris', next: '2027-01-01T00:00:00.000Z' },
    });
    await stop();
    expect(await readStatusFile(stateDir)).toMatchObject({ phase: 'stopped', inForce: { revision } });
  });

  it('applies a push that changes only an included file', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'include: [a.yaml]\n', 'a.yaml': 'one' });
    const { requests, runs, push, stop, stateDir } = await startDaemon(forge);
    expect(sourceText((await requests.at(0)).text, 'a.yaml')).toBe('one');
    await runs.at(0);
    const revision = forge.push({ 'a.yaml': 'two' });
    expect(await push(revision)).toBe(202);
    expect(sourceText((await requests.at(1)).text, 'a.yaml')).toBe('two');
    await runs.at(1);
    await stop();
    const good = await lastGoodFile(stateDir).load();
    expect(good).toMatchObject({ revision, applied: true });
    expect(good && sourceText(good.bytes, 'a.yaml')).toBe('two');
  });

  it('starts nothing for an unsigned call', async () => {
    const forge = createForge();
    const revision = forge.push({ 'gates.yaml': 'one' });
    const { requests, runs, push, hangup } = await startDaemon(forge);
    await runs.at(0);
    expect(await push(revision, { headers: {} })).toBe(401);
    expect(await push(revision, { body: 'x'.repeat(2 * 1024 * 1024) })).toBe(413);
    hangup();
    await runs.at(1);
    expect(requests.all).toHaveLength(2);
  });

  it('makes at most two runs of a hundred pushes, the last of the newest revision', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { requests, runs, push, hold } = await startDaemon(forge);
    await runs.at(0);
    const gate = deferred<void>();
    hold(gate.promise);
    const revision = forge.push({ 'gates.yaml': 'two' });
    expect(await push(revision)).toBe(202);
    await requests.at(1);
    forge.push({ 'gates.yaml': 'three' });
    const statuses = await Promise.all(Array.from({ length: 100 }, () => push(revision)));
    expect(new Set(statuses)).toEqual(new Set([202]));
    gate.resolve();
    await runs.at(2);
    expect(requests.all.map(textOf)).toEqual(['one', 'two', 'three']);
  });

  it('reads again on SIGHUP and on schedule', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { runs, hangup, tick, status } = await startDaemon(forge);
    await runs.at(0);
    hangup();
    await runs.at(1);
    expect((await status()).lastRun?.triggers).toEqual(['signal']);
    tick();
    await runs.at(2);
    expect((await status()).lastRun?.triggers).toEqual(['schedule']);
  });

  it('checks every gate when the schedule of probes says so, and at no other time', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { runs, requests, tick, probeTick, status } = await startDaemon(forge);
    await runs.at(0);
    tick();
    await runs.at(1);
    probeTick();
    await runs.at(2);
    expect(requests.all.map(({ watch }) => watch)).toEqual([false, false, true]);
    expect((await status()).lastRun?.triggers).toEqual(['probe']);
  });

  it('keeps every run in the history, across a restart', async () => {
    const forge = createForge();
    const good = forge.push({ 'gates.yaml': 'one' });
    const first = await startDaemon(forge);
    await first.runs.at(0);
    await first.stop();
    const bad = forge.push({ 'gates.yaml': 'a\n  mistake' });
    const second = await startDaemon(forge, { stateDir: first.stateDir });
    await second.runs.at(0);
    second.tick();
    await second.runs.at(1);
    await second.stop();
    const { records, broken } = await createHistory(first.stateDir).read();
    expect(broken).toBeUndefined();
    expect(records.map(({ run }) => run)).toMatchObject([
      { command: 'gates run', triggers: ['start'], revision: good, result: 'done' },
      { triggers: ['start'], revision: good, rejected: bad },
      { triggers: ['schedule'], revision: good, rejected: bad },
    ]);
  });

  it('keeps the last good revision through a mistake and a restart', async () => {
    const forge = createForge();
    const good = forge.push({ 'gates.yaml': 'one' });
    const first = await startDaemon(forge);
    await first.runs.at(0);
    await first.stop();
    const bad = forge.push({ 'gates.yaml': 'a\n  mistake' });
    const second = await startDaemon(forge, { stateDir: first.stateDir });
    expect(textOf(await second.requests.at(0))).toBe('one');
    await second.runs.at(0);
    expect(await second.status()).toMatchObject({
      inForce: { revision: good },
      rejected: { revision: bad, mistakes: [{ place: 'gates.yaml:2:3', message: 'unknown key' }] },
    });
  });

  it('knows after a restart the result of the last checks of the gates, and since when', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const first = await startDaemon(forge);
    await first.runs.at(0);
    await first.stop();
    const file = path.join(first.stateDir, 'status.json');
    const since = '2026-03-01T12:00:00.000Z';
    const gates = [{ host: 'app.example.dev', verdict: 'closed', since, at: since }];
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), gates }));
    const second = await startDaemon(forge, { stateDir: first.stateDir });
    await second.runs.at(0);
    expect(await second.status()).toMatchObject({ gates });
    await second.stop();
    writeFileSync(file, 'torn');
    const third = await startDaemon(forge, { stateDir: first.stateDir });
    await third.runs.at(0);
    expect((await third.status()).gates ?? []).toEqual([]);
  });

  it('answers monitors: ready once a run has ended', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { listening, runs, stop } = await startDaemon(forge);
    const get = async (url: string) => (await fetch(`${listening.status}${url}`)).status;
    await runs.at(0);
    expect([await get('/healthz'), await get('/readyz'), await get('/other')]).toEqual([200, 200, 404]);
    expect(await get('/hooks/git')).toBe(404);
    await stop();
    await expect(fetch(`${listening.status}/healthz`)).rejects.toThrow();
  });

  it('finishes the current step when it is stopped, and reports the step', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { runs, requests, hold, hangup, stop, stateDir } = await startDaemon(forge);
    await runs.at(0);
    const gate = deferred<void>();
    hold(gate.promise);
    hangup();
    const { turn } = await requests.at(1);
    const stopped = stop();
    expect(turn.signal.aborted).toBe(true);
    let ended = false;
    void stopped.then(() => {
      ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    gate.resolve();
    await stopped;
    expect((await readStatusFile(stateDir))?.lastRun?.result).toBe('stopped');
    const lease = JSON.parse(readFileSync(path.join(stateDir, 'lease', 'daemon', '1.json'), 'utf8'));
    expect(lease.released).toBe(true);
  });

  it('abandons a step that does not end in time, and keeps the lease until the process is gone', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const grace = 8_000;
    const clock = patientClock();
    const hurried: Clock = {
      now: clock.now,
      sleep: (time, signal) => (time === grace ? Promise.resolve() : clock.sleep(time, signal)),
    };
    const { runs, requests, hold, hangup, stop, stateDir } = await startDaemon(forge, {}, hurried);
    await runs.at(0);
    const gate = deferred<void>();
    hold(gate.promise);
    hangup();
    await requests.at(1);
    await stop();
    const lease = JSON.parse(readFileSync(path.join(stateDir, 'lease', 'daemon', '1.json'), 'utf8'));
    expect(lease.released).toBe(false);
    gate.resolve();
    await runs.at(1);
  });

  it('waits for another daemon without binding a port or touching its status', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const first = await startDaemon(forge);
    await first.runs.at(0);
    const { port } = new URL(first.listening.status);
    // A daemon that bound before it held the lease would fail here: the address is taken.
    const listen = { host: '127.0.0.1', port: Number(port) };
    const settings = { stateDir: first.stateDir, listen };
    const second = await startDaemon(forge, settings, patientClock(), 'waits');
    expect((await first.status()).phase).toBe('idle');
    await first.stop();
    expect(textOf(await second.requests.at(0))).toBe('one');
    await second.runs.at(0);
    // The second daemon answers now, at the address of the first.
    expect((await first.status()).phase).toBe('idle');
  });

  it('may be stopped while it waits', async () => {
    const stateDir = path.join(temporaryDirectory(), 'state');
    const signal = new AbortController().signal;
    const directory = leaseDirectory(stateDir, 'daemon');
    const clock = patientClock();
    const lease = await acquireLease({
      directory,
      command: 'gates apply',
      clock,
      elapsed: () => clock.now().getTime(),
      wait: 0,
      signal,
    });
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const waiting = await startDaemon(forge, { stateDir }, clock, 'waits');
    await waiting.stop();
    expect(waiting.requests.all).toEqual([]);
    expect(await lease.confirm()).toBe(true);
    await lease.release();
  });

  it('stands by when it loses its lease, leaves the status to the other daemon, and follows it', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const daemon = await startDaemon(forge);
    const { runs, requests, stateDir, hangup, logged, stop } = daemon;
    await runs.at(0);
    const other = path.join(leaseDirectory(stateDir, 'daemon'), '2.json');
    const me = JSON.parse(readFileSync(path.join(path.dirname(other), '1.json'), 'utf8'));
    const left = await settledStatus(daemon);
    writeFileSync(other, JSON.stringify({ ...me, id: 'other', command: 'another gates run' }));
    hangup();
    await expect.poll(() => logged.join('')).toContain('waiting for the lease');
    expect(requests.all).toHaveLength(1);
    expect(logged.join()).toContain('lease lost');
    expect(readFileSync(path.join(stateDir, 'status.json'), 'utf8')).toBe(left);
    // SIGHUP neither starts a run of a standby nor ends it.
    hangup();
    writeFileSync(other, JSON.stringify({ ...me, id: 'other', released: true }));
    await requests.at(1);
    expect(
      logged.filter((line) => line.includes('lease taken')).map((line) => JSON.parse(line).number),
    ).toEqual([1, 3]);
    await stop();
  });

  it('gives commands their turn between two runs, and says for whom it waits', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { runs, requests, stateDir, hangup, status, stop, logged } = await startDaemon(forge);
    await runs.at(0);
    const clock = patientClock();
    const lease = await acquireLease({
      directory: leaseDirectory(stateDir, 'pass'),
      command: 'gates apply',
      clock,
      elapsed: () => clock.now().getTime(),
      wait: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
    });
    hangup();
    await expect.poll(async () => (await status()).waitingFor).toMatch(/^gates apply, process \d+ on /);
    expect(requests.all).toHaveLength(1);
    expect(logged.join()).toContain('waiting for a turn');
    await lease.release();
    await runs.at(1);
    expect((await status()).waitingFor).toBeUndefined();
    await stop();
  });

  it('ends at once, and releases everything, when an address cannot be bound', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const first = await startDaemon(forge);
    const taken = { host: '127.0.0.1', port: Number(new URL(first.listening.hooks).port) };
    const stateDir = path.join(temporaryDirectory(), 'other');
    await expect(startDaemon(forge, { stateDir, hooksListen: taken })).rejects.toMatchObject({
      hint: expect.stringContaining('GATES_HOOKS_LISTEN'),
    });
    const lease = JSON.parse(readFileSync(path.join(stateDir, 'lease', 'daemon', '1.json'), 'utf8'));
    expect(lease.released).toBe(true);
  });

  it('reveals no secret, over HTTP with a token, when everything fails', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const server = await serveForge(forge, 'Basic other');
    const repository = server.url.replace('http://', 'http://me@');
    const { runs, status, push, listening, logged, stateDir } = await startDaemon(forge, {
      repository,
      gitToken: TOKEN,
    });
    await runs.at(0);
    await push('x', { headers: { 'x-hub-signature-256': SECRET } });
    const told = JSON.stringify([await status(), logged, listening]);
    expect(told).toContain('refused the credentials');
    for (const secret of [TOKEN, SECRET, Buffer.from(`me:${TOKEN}`).toString('base64')]) {
      expect(told).not.toContain(secret);
      expect(readFileSync(path.join(stateDir, 'status.json'), 'utf8')).not.toContain(secret);
    }
  });

  it('says at its start that it accepts no webhook without a secret', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { logged, push, status } = await startDaemon(forge, { webhookSecret: undefined });
    expect(logged.join()).toContain('GATES_WEBHOOK_SECRET');
    expect(await push('a')).toBe(401);
    expect((await status()).listening?.signed).toBe(false);
  });
});
