import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gates } from '../support/processes.ts';
import { type DaemonProcess, fileWith, type TwoDaemons, twoDaemons } from './two-daemons.ts';

/** Two real daemons on one state directory, and people who run commands. Each test continues the one before. */
let stage: TwoDaemons;
let first: DaemonProcess;
let second: DaemonProcess;

beforeAll(async () => {
  stage = await twoDaemons(['first', 'second'], 0);
  stage.forge.push({ 'gates.yaml': fileWith('one') });
  first = stage.launch('first');
  await first.said('run ended');
  second = stage.launch('second');
  await second.said('waiting for the lease');
});

afterAll(() => stage.end());

const callers = async () => new Set((await stage.calls()).map(({ caller }) => caller));

it('the second daemon waits without a port and without a call', async () => {
  expect(second.messages()).not.toContain('listening');
  expect(await callers()).toEqual(new Set(['first']));
});

it('the second daemon continues to wait after SIGHUP', async () => {
  second.child.kill('SIGHUP');
  first.child.kill('SIGHUP');
  await first.said('run ended', 2);
  expect(second.child.exitCode).toBeNull();
  expect(await callers()).toEqual(new Set(['first']));
});

it('a command gets its turn while the daemon runs, and one history has all runs', async () => {
  await writeFile(path.join(stage.directory, 'gates.yaml'), fileWith('one', 'by-hand'));
  const applied = await gates(['apply', '--yes'], stage.env, stage.directory);
  expect(applied.code, applied.stderr).toBe(0);
  expect(await stage.sandbox.visit('by-hand.example.dev')).toMatchObject({ status: 302 });
  first.child.kill('SIGHUP');
  await first.said('run ended', 3);
  const commands = async () => {
    const shown = await gates(['history', '--output', 'json'], stage.env, stage.directory);
    return JSON.parse(shown.stdout).map(({ command }: { command: string }) => command);
  };
  // The daemon logs a run before it writes the history.
  await expect.poll(commands).toEqual(['gates run', 'gates apply', 'gates run', 'gates run']);
  expect(await gates(['history', 'verify'], stage.env, stage.directory)).toMatchObject({ code: 0 });
});

it('the second daemon takes over at once when the first is killed, and applies what was pushed', async () => {
  stage.forge.push({ 'gates.yaml': fileWith('one', 'two') });
  await first.kill('SIGKILL');
  const before = await stage.lastCall();
  await second.said('run ended');
  expect(second.messages()).toContain('lease taken');
  expect(await stage.sandbox.visit('two.example.dev')).toMatchObject({ status: 302 });
  const after = (await stage.calls()).filter(({ n }) => n > before);
  expect(new Set(after.map(({ caller }) => caller))).toEqual(new Set(['second']));
});

it('the second daemon takes over from one that is stopped, which ends well', async () => {
  const third = stage.launch('first');
  await third.said('waiting for the lease');
  expect(await second.kill('SIGTERM'), second.log()).toBe(0);
  await third.said('run ended');
  expect(await third.kill('SIGTERM'), third.log()).toBe(0);
});
