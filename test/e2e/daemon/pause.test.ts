import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { gates, type Ran } from '../support/processes.ts';
import { type DaemonProcess, fileWith, type TwoDaemons, twoDaemons } from './two-daemons.ts';

/** A real daemon, and a person who pauses it for a while. Each test continues the one before. */
let stage: TwoDaemons;
let daemon: DaemonProcess;
let env: Readonly<Record<string, string>>;
let first: string;
let second: string;

const guard = (host: string) => ({ host: `${host}.example.dev`, admit: { emails: ['me@example.dev'] } });
const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

const command = (...args: readonly string[]): Promise<Ran> => gates(args, env, stage.directory);
const status = async () => JSON.parse((await command('status', '-o', 'json')).stdout);
const writes = async () => (await stage.sandbox.writes()).length;
const servedBy = async (host: string) => (await stage.sandbox.visit(`${host}.example.dev`)).servedBy;

const hasApplied = (revision: string) => async () => {
  const { inForce, phase } = await status();
  return phase === 'idle' && inForce?.revision === revision && inForce.applied === true;
};

const hasEnded = (trigger: string) => async () => {
  const { lastRun, phase } = await status();
  return phase === 'idle' && lastRun?.triggers.includes(trigger);
};

/** Changes the record of a host in the dashboard. */
async function changeByHand(host: string): Promise<void> {
  const edit = { actor: 'me', system: 'cloudflare' };
  const records = `/client/v4/zones/${stage.sandbox.zoneId}/dns_records`;
  const listed = (await stage.sandbox.admin('POST', '/edit', {
    ...edit,
    method: 'GET',
    path: `${records}?name=${host}.example.dev`,
  })) as { readonly result: readonly { readonly id: string; readonly proxied: boolean }[] };
  const [record] = listed.result;
  const changed = { ...edit, method: 'PATCH', path: `${records}/${record?.id}`, body: { proxied: false } };
  await stage.sandbox.admin('POST', '/edit', changed);
}

beforeAll(async () => {
  stage = await twoDaemons(['daemon-of-home'], 20);
  await stage.sandbox.admin('PUT', '/guards', names.map(guard));
  first = stage.forge.push({ 'gates.yaml': fileWith('one', 'two') }, 'One and two');
  env = { ...stage.env, GATES_REPOSITORY: `file://${stage.forge.bare}`, SUDO_USER: 'ada' };
  daemon = stage.launch('daemon-of-home');
  await daemon.said('run ended');
  await until(hasApplied(first));
});

afterAll(() => stage.end());

it('a pause needs a reason, and resuming does nothing without a pause', async () => {
  expect(await command('pause')).toMatchObject({ code: 64, stderr: expect.stringContaining('--reason') });
  expect(await command('pause', '--reason', ' ')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('The reason is empty'),
  });
  expect(await command('resume')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('was not paused'),
  });
  expect((await status()).paused).toBeUndefined();
});

it('a pause prevents writes, whatever is pushed or changed by hand', async () => {
  const paused = await command('pause', '--reason', 'moving house');
  expect(paused).toMatchObject({ code: 0, stderr: expect.stringContaining('paused: moving house') });
  expect(statSync(path.join(stage.directory, 'state', 'paused.json')).mode & 0o777).toBe(0o600);
  await until(hasEnded('pause'));
  await changeByHand('one');
  const before = await writes();
  second = stage.forge.push({ 'gates.yaml': fileWith('one', 'two', 'three') }, 'Three as well');
  daemon.child.kill('SIGHUP');
  await until(hasEnded('signal'));
  expect(await writes()).toBe(before);
  expect(await status()).toMatchObject({
    paused: { reason: 'moving house', by: expect.stringMatching(/^ada@/) },
    inForce: { revision: first },
    upcoming: { revision: second, for: 'pause' },
    lastRun: { result: 'reported', drifted: { count: 1 } },
  });
  const told = (await command('status')).stdout;
  expect(told).toMatch(/^PAUSED: gates writes nothing until: gates resume/);
  expect(told).toMatch(
    new RegExp(`Newest +${second.slice(0, 8)} "Three as well" by Ada, read [^]* after: gates\\s+resume`),
  );
  expect(told).toContain('left so while gates is paused\n  to update cloudflare/dns-record:CNAME one');
});

it('a pause keeps its beginning when another person gives another reason', async () => {
  const { since } = (await status()).paused;
  const ran = await command('pause', '--reason', 'moving\n still', '-o', 'json');
  expect(JSON.parse(ran.stdout)).toMatchObject({
    paused: { reason: 'moving still', since },
    before: { reason: 'moving house' },
  });
});

it('a pause does not prevent a run that a person starts, which mentions it', async () => {
  await writeFile(path.join(stage.directory, 'gates.yaml'), fileWith('one', 'two'));
  const ran = await command('apply', '--yes');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(
    /gates is paused by ada@\S+, .* ago: moving still. This run goes on, because a person started it/,
  );
  expect(await servedBy('one')).toBe('access');
  expect((await status()).paused.reason).toBe('moving still');
});

it('the end of a pause needs no signal to the daemon, which then applies what waited', async () => {
  const resumed = await command('resume');
  expect(resumed).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^resumed: it was paused by ada@\S+, .* ago: moving still/),
  });
  await until(hasApplied(second));
  expect(await servedBy('three')).toBe('access');
  expect((await status()).upcoming).toBeUndefined();
  const [newest] = JSON.parse((await command('history', '-o', 'json')).stdout);
  expect(newest).toMatchObject({ triggers: ['resume'], result: 'done' });
  expect((await command('history')).stdout).toMatch(/paused by ada@\S+: moving house/);
});

it.each([1, 5, 9])(
  'a pause stops an apply at its next write, and the next run continues: after write %i',
  async (many) => {
    const before = await writes();
    const all = stage.forge.push({ 'gates.yaml': fileWith(...names) }, `All of them, ${many}`);
    // Even on a fast machine, something is left to write when the pause begins.
    for (const method of ['POST', 'PUT']) {
      const match = { system: 'cloudflare', method };
      await stage.sandbox.admin('POST', '/faults', { match, fault: 'delay', ms: 100 });
    }
    daemon.child.kill('SIGHUP');
    await until(async () => (await writes()) >= before + many);
    daemon.child.kill('SIGSTOP');
    await command('pause', '--reason', 'something goes wrong');
    daemon.child.kill('SIGCONT');
    await until(hasEnded('pause'));
    await stage.sandbox.admin('DELETE', '/faults');
    const stopped = await writes();
    const told = await status();
    expect(told).toMatchObject({
      inForce: { revision: all, applied: false },
      lastRun: { result: 'reported', drifted: { count: expect.any(Number) } },
    });
    expect(told.lastRun.drifted.count).toBeGreaterThan(0);
    const runs = JSON.parse((await command('history', '-o', 'json')).stdout);
    expect(runs[1]).toMatchObject({
      result: 'stopped',
      error: 'gates is paused: nothing more is written',
      paused: { reason: 'something goes wrong' },
    });
    daemon.child.kill('SIGHUP');
    await until(hasEnded('signal'));
    expect(await writes()).toBe(stopped);
    await command('resume');
    await until(hasApplied(all));
    for (const name of names) expect(await servedBy(name)).toBe('access');
    const fewer = stage.forge.push({ 'gates.yaml': fileWith('one', 'two', 'three') }, `Back, ${many}`);
    daemon.child.kill('SIGHUP');
    await until(hasApplied(fewer));
  },
);

it('a pause works without a daemon, and the next daemon finds it', async () => {
  expect(await daemon.kill('SIGTERM')).toBe(0);
  const paused = await command('pause', '--reason', 'nobody is at home');
  expect(paused.stderr).toContain('No daemon runs here');
  const before = await writes();
  const third = stage.forge.push({ 'gates.yaml': fileWith('one') }, 'One alone');
  daemon = stage.launch('daemon-of-home');
  await daemon.said('run ended');
  expect(await writes()).toBe(before);
  expect((await status()).upcoming).toMatchObject({ revision: third });
  await command('resume');
  await until(hasApplied(third));
  expect(existsSync(path.join(stage.directory, 'state', 'paused.json'))).toBe(false);
});

it('no test has exposed anybody', async () => {
  expect(await stage.sandbox.admin('GET', '/exposures')).toEqual([]);
});
