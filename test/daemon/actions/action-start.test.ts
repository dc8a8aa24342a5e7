import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Action, CommandStart } from '../../../src/config/model/config.ts';
import type { Clock } from '../../../src/core/world.ts';
import { actionStarter } from '../../../src/daemon/actions/action-start.ts';
import { commandOf } from '../../../src/daemon/actions/command.ts';
import { MOST_OUTPUT } from '../../../src/daemon/actions/kept-output.ts';
import { endLeftover } from '../../../src/daemon/actions/leftover.ts';
import { identityOf } from '../../../src/daemon/lease/process-identity.ts';
import { patientClock } from '../patient-clock.ts';
import { deferred } from '../running-daemon.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { virtualClock } from '../virtual-clock.ts';

const environment = {
  PATH: process.env.PATH,
  HOME: '/home/gates',
  LANG: 'C.UTF-8',
  TF_TOKEN: 'canary-of-terraform',
  CLOUDFLARE_API_TOKEN: 'canary-of-cloudflare',
  GATES_STATE_DIR: '/var/lib/gates',
};
const starter = (clock: Clock) =>
  actionStarter({
    environment,
    readSecret: async () => 'canary-token',
    redact: (text) => text.replaceAll('canary-of-gates', '[redacted]'),
    clock,
  });
const start = starter(patientClock());

/** The time limit of a command, in seconds. */
const TIMEOUT = 600;

function run(
  script: string,
  more: Partial<CommandStart> & { clock?: Clock; signal?: AbortSignal; args?: string[] } = {},
) {
  const { clock = patientClock(), signal = new AbortController().signal, args = [], ...parts } = more;
  const command = [process.execPath, '-e', script, ...args];
  const action: Action = {
    name: 'tidy',
    timeout: TIMEOUT,
    start: { type: 'run', command, directory: undefined, environment: [], ...parts },
  };
  const began = deferred<number>();
  const ended = starter(clock)(action, { signal, onStart: began.resolve });
  void ended.then(() => began.resolve(0));
  return { pid: began.promise, ended };
}

const endOf = (...given: Parameters<typeof run>) => run(...given).ended;

/** True while a process runs; false also for one that has ended and was not collected yet. */
async function lives(pid: number): Promise<boolean> {
  const { startedAt } = await identityOf(pid);
  return startedAt !== undefined && startedAt !== 'gone';
}

async function isGone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => lives(pid)).toBe(false);
}

describe('a command', () => {
  it('gets the environment that the file names, no input, and no shell', async () => {
    const directory = temporaryDirectory();
    const script = `const fs = require('node:fs');
      process.stdout.write(JSON.stringify([process.env, process.argv.slice(1), process.cwd(), fs.readFileSync(0, 'utf8')]))`;
    const args = ['$HOME', '; reboot', '*', '--', '`id`'];
    const { state, exit, output } = await endOf(script, { environment: ['TF_TOKEN'], directory, args });
    const { PATH, HOME, LANG } = environment;
    const seen = JSON.parse(output);
    expect([state, exit]).toEqual(['done', 0]);
    expect(seen[0]).toEqual({ PATH, HOME, LANG, TF_TOKEN: '[redacted]' });
    expect(seen.slice(1)).toEqual([args, directory, '']);
  });

  it.each([
    ['CLOUDFLARE_API_TOKEN', 'is not for commands'],
    ['AUTHENTIK_TOKEN_FILE', 'is not for commands'],
    ['GATES_VAULT_KEY', 'is not for commands'],
    ['GATES_GIT_SSH_KEY_FILE', 'is not for commands'],
    ['NOT_SET', 'is not set'],
  ])('that asks for %s is not started', (name, message) => {
    const given = {
      ...environment,
      AUTHENTIK_TOKEN_FILE: '/x',
      GATES_VAULT_KEY: 'x',
      GATES_GIT_SSH_KEY_FILE: '/y',
    };
    const command = { type: 'run', command: ['x'], directory: undefined, environment: [name] } as const;
    expect(() => commandOf(command, given)).toThrow(message);
  });

  it.each([
    { script: 'process.exit(3)', end: { state: 'failed', exit: 3 } },
    { script: "process.kill(process.pid, 'SIGSEGV')", end: { state: 'failed', signal: 'SIGSEGV' } },
    {
      script: 'process.stderr.write("said"); process.stdout.write("printed")',
      end: { state: 'done', exit: 0 },
    },
  ])('that ends is reported as $end', async ({ script, end }) => {
    expect(await endOf(script)).toMatchObject(end);
  });

  it.each([
    { command: ['/no/such/program'], directory: undefined },
    { command: [process.execPath, '-e', '0'], directory: '/no/such/directory' },
  ])('that cannot begin is reported: $command in $directory', async (parts) => {
    const { state, reason } = await endOf('', parts);
    expect([state, reason]).toEqual(['failed', 'not started: the program or the directory is not there']);
  });

  it('is ended with everything that it started, at its timeout, even if they ignore SIGTERM', async () => {
    const ready = path.join(temporaryDirectory(), 'ready');
    const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
    const inner = `${stubborn} require('node:fs').writeFileSync(${JSON.stringify(ready)}, '')`;
    const script = `${stubborn}
      const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' });
      process.stdout.write(String(child.pid))`;
    const clock = virtualClock();
    const { pid: begun, ended } = run(script, { clock });
    const pid = await begun;
    await expect.poll(() => existsSync(ready)).toBe(true);
    await clock.advance(TIMEOUT * 1000 - 1);
    expect(await lives(pid)).toBe(true);
    await clock.advance(1);
    // Both processes have five seconds to end by themselves.
    await clock.advance(5_000);
    const { state, signal, reason, output } = await ended;
    expect([state, signal, reason]).toEqual(['failed', 'SIGKILL', 'not at its end after 600 s']);
    await isGone(pid);
    await isGone(Number(output));
  });

  it('that exits with 0 on the SIGTERM of its timeout has still failed', async () => {
    const ready = path.join(temporaryDirectory(), 'ready');
    const script = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);
      require('node:fs').writeFileSync(${JSON.stringify(ready)}, '')`;
    const clock = virtualClock();
    const { ended } = run(script, { clock });
    await expect.poll(() => existsSync(ready)).toBe(true);
    await clock.advance(TIMEOUT * 1000);
    expect(await ended).toMatchObject({ state: 'failed', exit: 0 });
  });

  it('does not leave its children behind', async () => {
    const script = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      process.stdout.write(String(child.pid)); process.exit(0)`;
    const { state, output } = await endOf(script);
    expect(state).toBe('done');
    await isGone(Number(output));
  });

  it('ends when the daemon does', async () => {
    const stop = new AbortController();
    const { pid: begun, ended } = run('setInterval(() => {}, 1000)', { signal: stop.signal });
    const pid = await begun;
    stop.abort();
    expect(await ended).toMatchObject({ state: 'failed', signal: 'SIGTERM' });
    await isGone(pid);
  });

  it('has the end of its output recorded, without secrets', async () => {
    const script = `for (let n = 0; n < 20000; n += 1) process.stdout.write('line ' + n + ' of many\\n');
      process.stdout.write(process.env.TF_TOKEN + ' canary-of-gates\\n')`;
    const { output } = await endOf(script, { environment: ['TF_TOKEN'] });
    expect(Buffer.byteLength(output)).toBe(MOST_OUTPUT);
    expect(output.slice(-60)).toContain('line 19999 of many\n[redacted] [redacted]\n');
  });
});

describe('a command that a killed daemon left running', () => {
  it('is ended, and nothing else is', async () => {
    const { pid: begun, ended } = run('setInterval(() => {}, 1000)');
    const pid = await begun;
    const identity = await identityOf(pid);
    const kill = vi.spyOn(process, 'kill');
    onTestFinished(() => kill.mockRestore());
    // The clock sleeps until the process has ended, so that only the first signal can end it.
    const clock = { now: patientClock().now, sleep: () => ended.then(() => {}) };
    await endLeftover({ ...identity, startedAt: '1' }, clock);
    await endLeftover({ ...identity, place: 'another machine' }, clock);
    expect(kill.mock.calls.filter(([, signal]) => signal !== 0)).toEqual([]);
    await endLeftover(identity, clock);
    expect(await ended).toMatchObject({ signal: 'SIGTERM' });
  });
});

describe('an http action', () => {
  async function serve(status: number, headers: Record<string, string> = {}) {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      const { method, url } = request;
      seen.push([method, url, request.headers.authorization, request.headers['content-length']]);
      response.writeHead(status, headers).end('the answer');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const action: Action = {
      name: 'call',
      timeout: TIMEOUT,
      start: { type: 'http', url: `${url}/hook?x=1`, method: 'POST', token: { env: 'TOKEN' } },
    };
    const end = await start(action, { signal: new AbortController().signal, onStart: () => {} });
    return { end, seen };
  }

  it.each([
    { status: 204, state: 'done' },
    { status: 301, state: 'failed' },
    { status: 500, state: 'failed' },
  ])('with the answer $status is $state, and follows no redirect', async ({ status, state }) => {
    const { end, seen } = await serve(status, { location: '/elsewhere' });
    expect(end).toMatchObject({ status, state });
    expect(seen).toEqual([['POST', '/hook?x=1', 'Bearer canary-token', '0']]);
  });

  it('that gets no answer has failed', async () => {
    const http: Action = {
      name: 'call',
      timeout: TIMEOUT,
      start: { type: 'http', url: 'http://127.0.0.1:2/', method: 'GET', token: undefined },
    };
    const end = await start(http, { signal: new AbortController().signal, onStart: () => {} });
    expect(end).toMatchObject({ state: 'failed', reason: 'no answer: ECONNREFUSED' });
  });
});
