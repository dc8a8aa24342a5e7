import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const host = 'api.example.dev';
const operations = ['GET /v1/items', 'GET /v1/items/{id}', 'POST /v1/items'];

let sandbox: SandboxProcess;
let directory: string;

function file(audience: string): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  api: { tunnel: homelab, url: "http://api.lan:80" }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  auth-api:
    host: auth-api.example.dev
    origin: traefik
    hostHeader: auth.example.dev
    gate: { serviceToken: { tokens: [ci] } }
  api:
    host: ${host}
    origin: api
    gate:
      jwt:
        keys: { client: api }
        audience: ${audience}
        operations: ${JSON.stringify(operations)}
clients:
  api:
    grantTypes: [client_credentials]
    signingKey: own
    everyone: { reason: "machines of the house" }
    deliver: [ { file: ${path.join(directory, 'api.env')} } ]
waf:
  skip: { hosts: [auth-api.example.dev], products: [securityLevel, bic], phases: [http_request_sbfm] }
`;
}

async function command(...args: string[]): Promise<Ran> {
  const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  return gates(args, env, directory);
}

const write = (audience: string) => writeFile(path.join(directory, 'gates.yaml'), file(audience));

/** The credentials that the client received, by name. */
async function credentials(): Promise<Readonly<Record<string, string>>> {
  const lines = (await readFile(path.join(directory, 'api.env'), 'utf8')).trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** Gets a token as a machine does: at the login host, over the internet. */
async function token(): Promise<string> {
  const { API_CLIENT_ID: id = '', API_CLIENT_SECRET: secret = '' } = await credentials();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
  });
  const answer = await sandbox.fetch('https://auth.example.dev/application/o/token/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  });
  const { access_token: made } = (await answer.json()) as { readonly access_token?: string };
  expect(made, `no token: ${answer.status}`).toBeDefined();
  return made ?? '';
}

const asked = async (where: string, bearer?: string) => {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const { status, servedBy } = await sandbox.visit(host, where, headers);
  return `${status} ${servedBy}`;
};

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--plan', 'enterprise']);
  await sandbox.admin('PUT', '/guards', [
    { host: 'auth.example.dev', admit: { public: true } },
    { host: 'auth-api.example.dev', admit: { tokens: ['ci'] } },
    { host, admit: { bearer: { client: 'api' }, operations } },
  ]);
  await write('api');
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('an API behind API Shield', () => {
  it('is planned, applied, and then there is nothing to do', async () => {
    expect((await command('plan')).code).toBe(2);
    const applied = await command('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    expect(await command('plan')).toMatchObject({ code: 0 });
    const before = (await sandbox.writes()).length;
    const calls = (await sandbox.calls()).length;
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.writes()).toHaveLength(before);
    expect((await sandbox.calls()).length - calls).toBeLessThanOrEqual(25);
  });

  it('admits a token of the client for the audience, at its operations, and nobody else', async () => {
    const made = await token();
    expect(await asked('/v1/items', made)).toBe('200 origin');
    expect(await asked('/v1/items/7', made)).toBe('200 origin');
    expect(await asked('/v1/others', made)).toBe('403 edge');
    expect(await asked('/v1/items')).toBe('403 edge');
    expect(await asked('/v1/items', `${made.slice(0, -8)}AAAAAAAA`)).toBe('403 edge');
  });

  it('accepts another audience literally, and the id of the client for its name', async () => {
    const before = (await sandbox.writes()).length;
    await write((await credentials()).API_CLIENT_ID ?? '');
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.writes()).toHaveLength(before);
    await write('another');
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await asked('/v1/items', await token())).toBe('403 edge');
    await write('api');
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await asked('/v1/items', await token())).toBe('200 origin');
  });

  it('has exposed nobody', async () => {
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });
});
