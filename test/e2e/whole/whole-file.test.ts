import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import {
  collect,
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { wholeFile } from './whole-file.ts';

/** All of version 1 in one file, applied first by a person and then by the daemon. */
let sandbox: SandboxProcess;
let directory: string;
let topic: Server;
const reports: string[] = [];
let env: Readonly<Record<string, string>>;

const command = (...args: string[]): Promise<Ran> => gates(args, env, directory);
const writes = async () => (await sandbox.writes()).length;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const secrets = path.join(directory, 'secrets');
  await mkdir(secrets, { mode: 0o700 });
  topic = createServer((request, response) => {
    reports.push(`${request.method} ${request.url}`);
    request.resume();
    request.on('end', () => response.end('{}'));
  });
  topic.listen(0, '127.0.0.1');
  await once(topic, 'listening');
  sandbox = await startSandboxProcess(['--plan', 'enterprise']);
  const forwardAuth = ['grafana.example.dev'];
  await sandbox.admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  await sandbox.admin('PUT', '/guards', guards);
  const { port } = topic.address() as AddressInfo;
  await writeFile(
    path.join(directory, 'gates.yaml'),
    wholeFile(secrets, `http://127.0.0.1:${port}/my-topic`),
  );
  env = {
    ...sandbox.env,
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_ACTIONS_SECRET: 'signs-calls-of-actions-in-this-test',
  };
});

afterAll(async () => {
  await sandbox.stop();
  topic.close();
  await remove(directory);
});

const operations = ['GET /v1/items', 'GET /v1/items/{id}', 'POST /v1/items'];
const guards = [
  { host: 'auth.example.dev', admit: { public: true } },
  { host: 'auth-api.example.dev', admit: { tokens: ['gates:home/ci'] } },
  { host: 'grafana.example.dev', admit: { groups: ['admins'] } },
  { host: 'grafana.example.dev', path: '/api/health', admit: { public: true } },
  { host: 'grafana.example.dev', path: '/public/**', admit: { public: true } },
  { host: 'vault.example.dev', admit: { public: true } },
  { host: 'proxmox.example.dev', admit: { emails: ['me@example.dev'] } },
  { host: 'docs.example.dev', admit: { public: true } },
  { host: 'api.example.dev', admit: { bearer: { client: 'api' }, operations } },
  { host: 'hooks.example.dev', admit: { public: true } },
];

it('plan exits with 2, apply with 0, plan with 0, and a second apply writes nothing', async () => {
  const plan = await command('plan');
  expect(plan).toMatchObject({ code: 2 });
  expect(await writes()).toBe(0);
  const apply = await command('apply', '--yes');
  expect(apply).toMatchObject({ code: 0 });
  const done = await writes();
  expect(await command('plan')).toMatchObject({ code: 0 });
  expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
  expect(await writes()).toBe(done);
  expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
});

it('a run with nothing to do makes at most 26 calls', async () => {
  const before = (await sandbox.calls()).length;
  expect(await command('plan')).toMatchObject({ code: 0 });
  expect((await sandbox.calls()).length - before).toBeLessThanOrEqual(26);
});

it('the daemon takes over without a write', async () => {
  const bare = path.join(directory, 'bare.git');
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: directory, stdio: 'pipe' });
  git('init', '-q', '-b', 'main', '.');
  git('add', 'gates.yaml');
  git('-c', 'user.name=me', '-c', 'user.email=me@example.dev', 'commit', '-qm', 'The whole house');
  git('clone', '-q', '--bare', '.', bare);
  const before = await writes();
  const listen = { GATES_LISTEN: '127.0.0.1:0', GATES_HOOKS_LISTEN: '127.0.0.1:0' };
  const daemon = start(['run'], { ...env, ...listen, GATES_REPOSITORY: `file://${bare}` });
  const log = collect(daemon.stderr);
  const ended = once(daemon, 'exit');
  await until(() => log().includes('run ended') || daemon.exitCode !== null);
  const status = await command('status', '--output', 'json');
  daemon.kill('SIGTERM');
  await ended;
  expect(JSON.parse(status.stdout)).toMatchObject({
    inForce: { applied: true },
    lastRun: { result: 'done' },
  });
  expect(await writes()).toBe(before);
});
