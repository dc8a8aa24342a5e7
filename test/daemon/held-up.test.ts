import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clients/state/clock.ts';
import { removePaused, writePaused } from '../../src/daemon/paused.ts';
import { createForge } from './forge.ts';
import { startDaemon, textOf } from './running-daemon.ts';

const pauseOf = { reason: 'moving house', by: 'ada@vm', now: new Date('2026-03-01T12:00:00.000Z') };

describe('gates run, paused by hand', () => {
  it('has what is pushed wait, and takes it up within seconds after the pause, without a signal', async () => {
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one' });
    const { runs, requests, push, status, stateDir, logged } = await startDaemon(forge);
    await runs.at(0);
    await writePaused(stateDir, pauseOf);
    const revision = forge.push({ 'gates.yaml': 'two' });
    await push(revision);
    // The push, and the pause itself, are a run each, in whichever order.
    await runs.at(2);
    await expect.poll(async () => (await status()).phase).toBe('idle');
    expect(await status()).toMatchObject({
      inForce: { revision: first, applied: true },
      upcoming: { revision, for: 'pause' },
      paused: { reason: 'moving house', by: 'ada@vm' },
    });
    await removePaused(stateDir);
    await expect
      .poll(async () => (await status()).inForce, { timeout: 10_000 })
      .toMatchObject({ revision, applied: true });
    const now = await status();
    expect(now.upcoming).toBeUndefined();
    expect(now.lastRun?.triggers).toEqual(['resume']);
    expect(requests.all.map((request) => [textOf(request), request.apply])).toEqual(
      expect.arrayContaining([
        ['one', true],
        ['one', false],
        ['two', true],
      ]),
    );
    expect(requests.all.filter((request) => textOf(request) === 'two')).toHaveLength(1);
    const said = logged.map((line) => JSON.parse(line));
    expect(said.find(({ message }) => message === 'paused')).toMatchObject({ reason: 'moving house' });
    expect(said.find(({ message }) => message === 'resumed')).toMatchObject({ by: 'ada@vm' });
  });

  it('before its start puts nothing in force, and knows after a restart since when a revision waits', async () => {
    const forge = createForge();
    const revision = forge.push({ 'gates.yaml': 'one' });
    const first = await startDaemon(forge);
    await first.runs.at(0);
    await first.stop();
    writeFileSync(path.join(first.stateDir, 'paused.json'), 'torn');
    const newer = forge.push({ 'gates.yaml': 'two' });
    const second = await startDaemon(forge, { stateDir: first.stateDir });
    await second.runs.at(0);
    const { upcoming } = await second.status();
    expect(upcoming).toMatchObject({ revision: newer });
    await second.stop();
    const third = await startDaemon(forge, { stateDir: first.stateDir });
    await third.runs.at(0);
    expect(await third.status()).toMatchObject({ inForce: { revision }, upcoming });
    rmSync(path.join(first.stateDir, 'paused.json'));
    await expect.poll(async () => (await third.status()).inForce?.revision, { timeout: 10_000 }).toBe(newer);
    expect([...second.requests.all, ...third.requests.all].map(({ apply }) => apply)).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('gates run, with windows', () => {
  it('has what is pushed outside wait, and takes it up when the window opens, asked by nobody', async () => {
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one\nwindow * * * * *' });
    // By its clock it is ten seconds before a minute begins: time enough for all that comes before, on a busy machine too.
    const ahead = 50_000 - (Date.now() % 60_000);
    const clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };
    const { runs, push, status, requests } = await startDaemon(forge, {}, clock);
    await runs.at(0);
    const revision = forge.push({ 'gates.yaml': 'two' });
    const until = new Date(Math.ceil(clock.now().getTime() / 60_000) * 60_000).toISOString();
    await push(revision);
    await runs.at(1);
    expect(await status()).toMatchObject({
      inForce: { revision: first },
      upcoming: { revision, for: 'window', until },
    });
    await runs.at(2);
    await expect.poll(async () => (await status()).lastRun?.triggers).toEqual(['window']);
    expect((await status()).inForce).toMatchObject({ revision, applied: true });
    expect(requests.all.map(({ apply }) => apply)).toEqual([true, true, true]);
  });
});

it('gates run, with jitter: a run on schedule begins later, and one that a person asks for does not', async () => {
  const forge = createForge();
  forge.push({ 'gates.yaml': 'jitter 3600' });
  const { runs, tick, probeTick, hangup, status } = await startDaemon(forge);
  await runs.at(0);
  expect((await status()).schedule).toMatchObject({ jitter: 3600 });
  tick();
  probeTick();
  hangup();
  await runs.at(1);
  expect((await status()).lastRun?.triggers).toEqual(['signal']);
});
