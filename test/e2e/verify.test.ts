import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createForge } from '../daemon/forge.ts';
import { head } from './file-head.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from './processes.ts';

/** The daemon asked by a proxy, with the tokens that the sandbox's Access really signs. */
let sandbox: SandboxProcess;
let directory: string;
let daemon: ChildProcess;
let log: () => string;
let status = '';

/** The origin, which keeps what Access sent along. */
let sent: string | undefined;
const origin = createServer((request, response) => {
  sent = String(request.headers['cf-access-jwt-assertion']);
  response.end('the application');
});

const file = `${head}serviceTokens:
  ci: { deliver: [ { file: ./ci.env } ] }
services:
  wiki:
    host: wiki.example.dev
    origin: app
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths: { /admin/**: { cloudflare: { emails: [root@example.dev] } } }
  api: { host: api.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
`;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  const forge = createForge(directory);
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const there = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  const stateDir = path.join(directory, 'state');
  const text = file
    .replace('./ci.env', path.join(stateDir, 'secrets', 'ci.env'))
    .replace('http://app.lan:80', there);
  forge.push({ 'gates.yaml': text });
  const env = {
    ...sandbox.env,
    GATES_STATE_DIR: stateDir,
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_LEVEL: 'debug',
  };
  daemon = start(['run'], env);
  log = collect(daemon.stderr);
  const told = async () => {
    const ran = await gates(['status', '--output', 'json'], env);
    return ran.code === 0 ? JSON.parse(ran.stdout) : {};
  };
  let now = await told();
  while (now.inForce?.applied !== true) now = await told();
  status = now.listening.status;
});

afterAll(async () => {
  if (daemon.exitCode === null) daemon.kill('SIGKILL');
  origin.close();
  await sandbox.stop();
  await remove(directory);
});

async function verify(query: string, token?: string): Promise<[number, string | null, string | null]> {
  const answer = await fetch(`${status}/verify?${query}`, {
    headers: token === undefined ? {} : { 'cf-access-jwt-assertion': token },
  });
  await answer.text();
  return [answer.status, answer.headers.get('remote-user'), answer.headers.get('remote-email')];
}

const login = async (host: string, email: string, where = '/') =>
  ((await sandbox.admin('POST', '/login', { host, email, path: where })) as { jwt: string }).jwt;

it('admits a person at the door whose token they have, and nowhere else', async () => {
  const token = await login('wiki.example.dev', 'me@example.dev');
  expect(await verify('host=wiki.example.dev', token)).toEqual([200, 'me@example.dev', 'me@example.dev']);
  for (const query of [
    'host=wiki.example.dev&path=/admin/**',
    'host=api.example.dev',
    'host=docs.example.dev',
    'host=other.example.dev',
  ]) {
    expect(await verify(query, token), query).toEqual([401, null, null]);
  }
  expect(await verify('host=wiki.example.dev')).toEqual([401, null, null]);
  expect(await verify('host=wiki.example.dev', `${token.slice(0, -4)}AAAA`)).toEqual([401, null, null]);
  expect(await verify('', token)).toEqual([400, null, null]);
  expect(log()).not.toContain(token);
});

it('admits a machine by its client id, with the token that Access hands to the origin', async () => {
  const delivered = await readFile(path.join(directory, 'state', 'secrets', 'ci.env'), 'utf8');
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(delivered)?.[1] ?? '';
  const id = value('CF_ACCESS_CLIENT_ID');
  const visit = await sandbox.visit('api.example.dev', '/', {
    'CF-Access-Client-Id': id,
    'CF-Access-Client-Secret': value('CF_ACCESS_CLIENT_SECRET'),
  });
  expect(visit).toMatchObject({ status: 200, body: 'the application' });
  expect(await verify('host=api.example.dev', sent)).toEqual([200, id, null]);
  expect(await verify('host=wiki.example.dev', sent)).toEqual([401, null, null]);
});
