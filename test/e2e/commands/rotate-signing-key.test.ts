import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

let directory: string;
let sandbox: SandboxProcess;

beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--plan', 'enterprise']);
});

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

const file = (secrets: string, at = 'edge') => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  scopes: { audience: { expression: 'return {"aud": "machines"}' } }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
clients:
  api:
    grantTypes: [client_credentials]
    signingKey: own
    scopes: [audience]
    everyone: { reason: machines }
    deliver: [ { file: ${secrets} } ]
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  api:
    host: api.example.dev
    origin: traefik
    gate: { jwt: { at: ${at}, keys: { client: api }, audience: machines, operations: ["GET /items"] } }
`;

it('a client signs with a new key, every token is accepted, and a plan finds nothing to do', async () => {
  const secrets = path.join(directory, 'api.env');
  const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  await writeFile(path.join(directory, 'gates.yaml'), file(secrets));
  const run = (...args: readonly string[]) => gates(args, env, directory);
  const applied = await run('apply', '--yes');
  expect(applied, applied.stdout).toMatchObject({ code: 0 });
  const old = await token(secrets);
  expect(await statusOf(old)).toBe(200);
  const rotated = await run('rotate', 'api', '--settle', '0');
  expect(rotated, rotated.stderr).toMatchObject({ code: 0, stdout: '' });
  expect(rotated.stderr).toMatch(
    /made the key pair api#2\n.*api\.example\.dev takes tokens of the new key.*\n.*\n.*signed with api#2\n.*good until they end/,
  );
  const next = await token(secrets);
  expect(kidOf(next)).not.toBe(kidOf(old));
  for (const text of [old, next]) expect(await statusOf(text)).toBe(200);
  expect(await statusOf('garbage')).toBe(403);
  expect(await run('plan')).toMatchObject({ code: 0 });
  expect(rotated.stderr).not.toContain('PRIVATE KEY');
});

it('a daemon of the same state folder learns which key comes, and reads no private key for it', async () => {
  const stateDir = path.join(directory, 'state');
  const env = { ...sandbox.env, GATES_STATE_DIR: stateDir };
  await writeFile(path.join(directory, 'gates.yaml'), file(path.join(directory, 'api.env'), 'origin'));
  // The origin does not ask the daemon, so the host stays hidden; the client is created all the same.
  expect((await gates(['apply', '--yes'], env, directory)).code).toBe(1);
  const before = (await sandbox.calls()).length;
  const rotated = await gates(['rotate', 'api'], env, directory);
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 });
  expect(rotated.stderr).not.toContain('waiting');
  const paths = (await sandbox.calls()).slice(before).map((call) => call.path);
  expect(paths.filter((where) => where.includes('view_private_key'))).toEqual([]);
  const answer = await sandbox.fetch('https://auth.example.dev/application/o/api/jwks/');
  const { keys } = (await answer.json()) as { readonly keys: readonly { readonly kid: string }[] };
  const notes = path.join(stateDir, 'notes', 'keys-ahead');
  const [note = ''] = await readdir(notes);
  const { key, until } = JSON.parse(await readFile(path.join(notes, note), 'utf8'));
  expect(key.kid).toBe(keys[0]?.kid);
  expect(until).toBeGreaterThan(Date.now());
});

/** Gets a token from Authentik's public face, as an application of this client does. */
async function token(secrets: string): Promise<string> {
  const lines = (await readFile(secrets, 'utf8')).trimEnd().split('\n');
  const { API_CLIENT_ID: id = '', API_CLIENT_SECRET: secret = '' } = Object.fromEntries(
    lines.map((line) => line.split('=') as [string, string]),
  ) as Readonly<Record<string, string>>;
  const response = await sandbox.fetch('https://auth.example.dev/application/o/token/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'audience',
      client_id: id,
      client_secret: secret,
    }).toString(),
  });
  return ((await response.json()) as { readonly access_token: string }).access_token;
}

function kidOf(text: string): string {
  return JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString('utf8')).kid;
}

async function statusOf(text: string): Promise<number> {
  return (await sandbox.visit('api.example.dev', '/items', { authorization: `Bearer ${text}` })).status;
}
