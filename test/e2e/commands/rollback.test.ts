import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DaemonProcess, fileWith, type TwoDaemons, twoDaemons } from '../daemon/two-daemons.ts';
import { gates, type Ran } from '../support/processes.ts';

/** A real daemon, and a person who wants to return to an earlier revision. Each test continues the one before. */
let stage: TwoDaemons;
let daemon: DaemonProcess;
let env: Readonly<Record<string, string>>;
let old: string;
let head: string;
let runs = 0;

/** A file with the default limits, which allow the removal of only one of these hosts. */
const limited = (...names: readonly string[]) =>
  fileWith(...names).replace('prune: 100%, change: 100%', 'floor: 1, prune: 10%');

async function look(): Promise<void> {
  runs += 1;
  if (runs > 1) daemon.child.kill('SIGHUP');
  await daemon.said('run ended', runs);
}

const command = (...args: readonly string[]): Promise<Ran> => gates(args, env, stage.directory);
const statusOf = async (host: string) => (await stage.sandbox.visit(`${host}.example.dev`)).servedBy;
const inForce = async () => JSON.parse((await command('status', '-o', 'json')).stdout).inForce;
const newestRun = async () => JSON.parse((await command('history', '-o', 'json')).stdout)[0];

beforeAll(async () => {
  stage = await twoDaemons(['daemon-of-home'], 0);
  old = stage.forge.push({ 'gates.yaml': limited('one', 'two') }, 'Two are enough');
  head = stage.forge.push({ 'gates.yaml': limited('one', 'two', 'three', 'four', 'five') }, 'More');
  env = { ...stage.env, GATES_REPOSITORY: `file://${stage.forge.bare}`, SUDO_USER: 'ada' };
  daemon = stage.launch('daemon-of-home');
  await look();
});

afterAll(() => stage.end());

it('a rollback is refused for a commit that is not on the branch, and without a repository', async () => {
  const aside = stage.forge.push({ 'gates.yaml': limited('one') }, 'Aside', 'trial');
  const refused = await command('apply', '--revision', aside, '--yes');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('not on the watched branch') });
  const { GATES_REPOSITORY: _, ...without } = env;
  const nowhere = await gates(['apply', '--revision', old, '--yes'], without, stage.directory);
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('GATES_REPOSITORY') });
  expect(await inForce()).toMatchObject({ revision: head });
});

it('a rollback removes what the limits allow, once a person lifts them', async () => {
  const ran = await command('apply', '--revision', old.slice(0, 10), '--yes', '--allow', 'prune');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain(`held at ${old.slice(0, 8)} until main moves on from ${head.slice(0, 8)}`);
  expect(await statusOf('three')).not.toBe('access');
  expect(await newestRun()).toMatchObject({
    command: 'gates apply',
    revision: old,
    by: expect.stringMatching(/^ada on /),
    allowed: { limits: ['prune'], why: 'gates apply --allow' },
  });
});

it('a rollback holds while the branch does not move: the daemon repairs to it, and says who holds it', async () => {
  await look();
  await look();
  expect(await statusOf('three')).not.toBe('access');
  expect(await inForce()).toMatchObject({ revision: old, applied: true, held: { head } });
  expect(await newestRun()).toMatchObject({ command: 'gates run', revision: old, held: { head } });
  const told = (await command('status')).stdout;
  expect(told).toMatch(
    new RegExp(`Held +at ${old.slice(0, 8)} by ada on .*, until main moves on from ${head.slice(0, 8)}`),
  );
  expect((await command('history')).stdout).toMatch(new RegExp(`held at ${old.slice(0, 8)} by ada on `));
});

it('a rollback ends when the branch moves on; the trailer of that commit lifts a limit under its author’s name', async () => {
  const next = stage.forge.push({ 'gates.yaml': limited('one', 'three', 'four', 'five') }, 'Go on');
  await look();
  expect(await inForce()).toMatchObject({ revision: next, applied: true });
  expect((await inForce()).held).toBeUndefined();
  expect(await statusOf('three')).toBe('access');
  const fewer = stage.forge.push({ 'gates.yaml': limited('one') }, 'Close the lab');
  await look();
  expect(await inForce()).toMatchObject({ revision: fewer, applied: false });
  expect((await command('status')).stdout).toContain('Gates-Allow: prune');
  expect(await statusOf('five')).toBe('access');
  const allowed = stage.forge.push({}, 'Close the lab, really\n\nGates-Allow: prune');
  await look();
  expect(await inForce()).toMatchObject({ revision: allowed, applied: true });
  expect(await statusOf('five')).not.toBe('access');
  expect(await newestRun()).toMatchObject({
    allowed: {
      limits: ['prune'],
      by: 'Ada',
      why: `Gates-Allow in ${allowed.slice(0, 8)} "Close the lab, really"`,
    },
  });
  expect((await command('history')).stdout).toContain('prune beyond the limits allowed by Ada');
});
