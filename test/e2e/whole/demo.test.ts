import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../dist/gates.js', import.meta.url));

/** The folder of all temporary files of the demo, so that the test finds leftovers. */
let temporary = '';

/** A folder with Node, git and a shell, since the demo needs no other program. */
let bin = '';

beforeAll(async () => {
  bin = await mkdtemp(path.join(tmpdir(), 'demo-bin-'));
  const places = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'git'));
  await symlink(places.find((place) => existsSync(place)) ?? 'git', path.join(bin, 'git'));
  await symlink(process.execPath, path.join(bin, 'node'));
  await symlink('/bin/sh', path.join(bin, 'sh'));
});

afterAll(() => rm(bin, { recursive: true, force: true }));

beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'demo-test-'));
});

/** Demos that a failing test would leave running. */
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) child.kill();
  await rm(temporary, { recursive: true, force: true });
});

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const env = { PATH: bin, TMPDIR: temporary, ...environment };
  const child = spawn(process.execPath, [program, 'demo', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

/** Collects the output; `until` resolves as soon as the output contains the text. */
function listen(child: ChildProcess) {
  const said = { out: '', err: '' };
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout?.on('data', (chunk) => {
    said.out += String(chunk);
    for (const { text, resolve } of waiting) if (said.out.includes(text)) resolve();
  });
  child.stderr?.on('data', (chunk) => {
    said.err += String(chunk);
  });
  const until = (text: string) =>
    new Promise<void>((resolve, reject) => {
      if (said.out.includes(text)) resolve();
      else waiting.push({ text, resolve });
      child.once('exit', () =>
        reject(new Error(`it ended without saying "${text}":\n${said.out}${said.err}`)),
      );
    });
  return { said, until, exit: once(child, 'close').then(([code]) => code as number | null) };
}

const CANARY = 'canary-of-a-real-account';

/** The settings of the person who runs the demo: a token and a repository that it must not touch. */
const OF_A_PERSON = {
  CLOUDFLARE_API_TOKEN: CANARY,
  CLOUDFLARE_BASE_URL: 'http://127.0.0.1:1/client/v4',
  AUTHENTIK_TOKEN: CANARY,
  AUTHENTIK_URL: 'http://127.0.0.1:1',
  GATES_PROBE_EDGE: 'http://127.0.0.1:1',
  GATES_REPOSITORY: 'file:///nowhere',
  GATES_STATE_DIR: '/nowhere',
  GIT_DIR: '/nowhere',
};

test('the demo reports missing git and leaves nothing behind', async () => {
  const { said, exit } = listen(start([], { PATH: temporary }));
  expect(await exit).toBe(1);
  expect(said.err).toBe('error: git is not installed. Install it\n');
  expect(await readdir(temporary)).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the demo removes everything when it is stopped in the middle by %s',
  async (signal) => {
    const child = start([]);
    const { said, until, exit } = listen(child);
    await until('1. ');
    child.kill(signal);
    expect(await exit).toBe(1);
    expect(said.err).toBe('Stopped. Nothing is left of it.\n');
    expect(await readdir(temporary)).toEqual([]);
  },
);

test('the demo removes everything when nobody reads its output any more', async () => {
  const child = start([]);
  const { said, until, exit } = listen(child);
  await until('1. ');
  child.stdout?.destroy();
  expect(await exit).toBe(1);
  expect(said.err).toBe('Stopped. Nothing is left of it.\n');
  expect(await readdir(temporary)).toEqual([]);
});

test('the demo plays its story, in 80 columns, without color, and ignores the person’s settings; kept running, it applies a manual push until Ctrl-C', async () => {
  const child = start(['--keep'], OF_A_PERSON);
  const { said, until, exit } = listen(child);
  await until('Ctrl-C stops it');
  expect(said.err).toBe('');
  // Commands with the addresses of this machine follow, which may be longer.
  const [story = ''] = said.out.split(`cd ${temporary}`);
  expect(story.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(said.out).not.toContain('\u001b');
  expect(said.out).not.toContain(CANARY);
  expect(said.out).toMatch(/^ +exposures by gates +0$/m);
  expect(said.out).toMatch(/^ +exposures by hand +3, found and ended$/m);
  expect(said.out).toMatch(/^ +gates\.yaml:\d+:\d+ error G101: two gates on one door/m);
  const plain = said.out.replace(/\s+/g, ' ');
  expect(plain).toContain('the origin does not send the host through the outpost: add the forward-auth');
  expect(plain).toContain('photos.example.dev 302 Authentik login 200 the service: ann@example.dev');
  expect(plain).toContain('grafana.example.dev 302 Authentik login 200 the service: me@example.dev');
  expect(plain).toContain('exposed: photos.example.dev to anonymous, from the cache');
  expect(plain).toMatch(/exposed: photos\.example\.dev to jo@example\.dev/);
  expect(plain).toContain('jo@example.dev gets: refused by Authentik');
  const [folder = ''] = await readdir(temporary);
  const clone = path.join(temporary, folder, 'home');
  const file = path.join(clone, 'gates.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('docs.example.dev', 'handbook.example.dev'));
  git(clone, 'commit', '-qam', 'Call the docs a handbook');
  git(clone, 'push', '-q');

  const statusUrl = /curl -s (\S+\/api\/status)/.exec(said.out)?.[1] ?? '';
  const applied = async () => {
    const status = (await (await fetch(statusUrl)).json()) as {
      inForce: { subject: string; applied: boolean };
    };
    return status.inForce;
  };
  await expect
    .poll(applied, { interval: 50 })
    .toMatchObject({ subject: 'Call the docs a handbook', applied: true });
  await until('applied: 4 created, 1 updated, 5 removed.');
  child.kill('SIGINT');
  expect(await exit, said.err).toBe(0);
  expect(await readdir(temporary)).toEqual([]);
});

function git(cwd: string, ...args: readonly string[]): void {
  const env = { PATH: process.env.PATH ?? '', HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' };
  const { status, stderr } = spawnSync('git', [...args], { cwd, env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}
