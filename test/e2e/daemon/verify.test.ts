import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createForge } from '../../daemon/forge.ts';
import { head } from '../support/file-head.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { freePort } from '../support/proxy-origin.ts';

/** A proxy asks the daemon, with tokens that the sandbox's Access and its Authentik really sign. */
let sandbox: SandboxProcess;
let directory: string;
let daemon: ChildProcess;
let log: () => string;
let status = '';

/** The token that Access sent to the origin. */
let sent: string | undefined;
const origin = createServer((request, response) => {
  sent = String(request.headers['cf-access-jwt-assertion']);
  response.end('the application');
});

const file = `${head}  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
authentik: { url: "http://authentik.lan:9000", service: auth }
clients:
  items:
    grantTypes: [client_credentials]
    signingKey: own
    everyone: { reason: machines }
    deliver: [ { file: ./items.env } ]
serviceTokens:
  ci: { deliver: [ { file: ./ci.env } ] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  items:
    host: items.example.dev
    origin: traefik
    gate: { jwt: { at: origin, keys: { client: items }, audience: items, operations: ["GET /v1/items"] } }
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
  const listen = `127.0.0.1:${await freePort()}`;
  await sandbox.admin('PUT', '/origins', {
    url: 'http://traefik.lan:80',
    kind: 'traefik',
    verify: { 'items.example.dev': `http://${listen}/verify?host=items.example.dev` },
  });
  const text = file
    .replace('./ci.env', path.join(stateDir, 'secrets', 'ci.env'))
    .replace('./items.env', path.join(stateDir, 'secrets', 'items.env'))
    .replace('http://app.lan:80', there);
  forge.push({ 'gates.yaml': text });
  const env = {
    ...sandbox.env,
    GATES_STATE_DIR: stateDir,
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: listen,
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

/** The names and values in a delivered file. */
async function delivered(name: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path.join(directory, 'state', 'secrets', name), 'utf8');
  return Object.fromEntries([...text.matchAll(/^([^=]+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
}

async function verify(query: string, token?: string): Promise<[number, string | null, string | null]> {
  const answer = await fetch(`${status}/verify?${query}`, {
    headers: token === undefined ? {} : { 'cf-access-jwt-assertion': token },
  });
  await answer.text();
  return [answer.status, answer.headers.get('remote-user'), answer.headers.get('remote-email')];
}

const login = async (host: string, email: string, where = '/') =>
  ((await sandbox.admin('POST', '/login', { host, email, path: where })) as { jwt: string }).jwt;

it('the daemon admits a person at the door of their token, and nowhere else', async () => {
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

it('the daemon admits a machine by its client id, with the token that Access sends to the origin', async () => {
  const { CF_ACCESS_CLIENT_ID: id = '', CF_ACCESS_CLIENT_SECRET: secret = '' } = await delivered('ci.env');
  const visit = await sandbox.visit('api.example.dev', '/', {
    'CF-Access-Client-Id': id,
    'CF-Access-Client-Secret': secret,
  });
  expect(visit).toMatchObject({ status: 200, body: 'the application' });
  expect(await verify('host=api.example.dev', sent)).toEqual([200, id, null]);
  expect(await verify('host=wiki.example.dev', sent)).toEqual([401, null, null]);
});

it('the daemon admits a machine at the operations, with a token of the client whose name is the audience', async () => {
  const { ITEMS_CLIENT_ID: id = '', ITEMS_CLIENT_SECRET: secret = '' } = await delivered('items.env');
  const grant = { grant_type: 'client_credentials', client_id: id, client_secret: secret };
  const answer = await sandbox.fetch('https://auth.example.dev/application/o/token/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(grant).toString(),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token: string };
  expect(decodeJwt(token).aud).toBe(id);
  const asked = async (where: string, authorization?: string) =>
    (await sandbox.visit('items.example.dev', where, { ...(authorization && { authorization }) })).status;
  expect(await asked('/v1/items', `Bearer ${token}`)).toBe(200);
  expect(await asked('/v1/others', `Bearer ${token}`)).toBe(401);
  expect(await asked('/v1/items', `Bearer ${token.slice(0, -8)}AAAAAAAA`)).toBe(401);
  expect(await asked('/v1/items')).toBe(401);
  expect(log()).not.toContain(token);
});
