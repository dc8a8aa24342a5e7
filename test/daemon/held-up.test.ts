import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { removePaused, writePaused } from '../../src/daemon/lease/paused.ts';
import { createForge } from './forge.ts';
import { startDaemon, textOf } from './running-daemon.ts';
import { virtualClock } from './virtual-clock.ts';

/** The daemon checks for a pause again within this time, in milliseconds. */
const LOOK = 2_000;

const pauseOf = { reason: 'moving house', by: 'ada@vm', now: new Date('2026-03-01T12:00:00.000Z') };

describe('gates run, paused by hand', () => {
  it('lets a push wait, and applies it within seconds after the pause, without a signal', async () => {
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one' });
    const clock = virtualClock();
    const { runs, requests, push, status, stateDir, logged } = await startDaemon(forge, {}, clock);
    await runs.at(0);
    await writePaused(stateDir, pauseOf);
    const revision = forge.push({ 'gates.yaml': 'two' });
    await push(revision);
    // The push and the pause cause one run each, in either order.
    await runs.at(2);
    expect(await status()).toMatchObject({
      phase: 'idle',
      inForce: { revision: first, applied: true },
      upcoming: { revision, for: 'pause' },
      paused: { reason: 'moving house', by: 'ada@vm' },
    });
    await removePaused(stateDir);
    await clock.advance(LOOK);
    await runs.at(3);
    const now = await status();
    expect(now.inForce).toMatchObject({ revision, applied: true });
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

  it('before its start applies nothing, and knows after a restart since when a revision waits', async () => {
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
    const clock = virtualClock();
    const third = await startDaemon(forge, { stateDir: first.stateDir }, clock);
    await third.runs.at(0);
    expect(await third.status()).toMatchObject({ inForce: { revision }, upcoming });
    rmSync(path.join(first.stateDir, 'paused.json'));
    await clock.advance(LOOK);
    await third.runs.at(1);
    expect(await third.status()).toMatchObject({ inForce: { revision: newer, applied: true } });
    expect([...second.requests.all, ...third.requests.all].map(({ apply }) => apply)).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('gates run, with windows', () => {
  it('lets a push outside of them wait, and applies it by itself when the window opens', async () => {
    const forge = createForge();
    const first = forge.push({ 'gates.yaml': 'one\nwindow * * * * *' });
    const clock = virtualClock('2026-03-01T12:00:50.000Z');
    const { runs, push, status, requests } = await startDaemon(forge, {}, clock);
    await runs.at(0);
    const revision = forge.push({ 'gates.yaml': 'two' });
    await push(revision);
    await runs.at(1);
    expect(await status()).toMatchObject({
      inForce: { revision: first },
      upcoming: { revision, for: 'window', until: '2026-03-01T12:01:00.000Z' },
    });
    await clock.advance(10_000);
    await runs.at(2);
    expect(await status()).toMatchObject({
      inForce: { revision, applied: true },
      lastRun: { triggers: ['window'] },
    });
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
