import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../e2e/processes.ts';

const canary = 'canary5f0c';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  app: { tunnel: homelab, url: "http://app.lan:80" }
serviceTokens:
  ci: { deliver: [ { file: FOLDER/ci.env } ] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { groups: [admins] } }
  proxmox:
    host: proxmox.example.dev
    origin: app
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths: { "/api/**": { serviceToken: { tokens: [ci] } } }
  machine: { host: machine.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
`;

let directory: string;
let sandbox: SandboxProcess;
let env: Readonly<Record<string, string>>;

const run = (...args: readonly string[]): Promise<Ran> => gates(args, env, directory);
const audienceIn = ({ headers }: { headers: Readonly<Record<string, unknown>> }): string =>
  /[?&]kid=([0-9a-f]+)/.exec(String(headers.location))?.[1] ?? 'none';

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  await writeFile(path.join(directory, 'gates.yaml'), file.replaceAll('FOLDER', directory));
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('gates outputs', () => {
  it('says what is not there yet, on stderr, and prints what is known already', async () => {
    const { code, stdout, stderr } = await run('outputs', '--service', 'proxmox');
    expect(code).toBe(1);
    expect(stderr).toBe(
      [
        'missing: services.proxmox: not applied yet: run `gates apply`',
        'missing: services.proxmox.paths./api/**: not applied yet: run `gates apply`',
        '',
      ].join('\n'),
    );
    expect(parse(stdout).services.proxmox.access).toMatchObject({
      teamDomain: 'example.cloudflareaccess.com',
      aud: null,
    });
  });

  it('prints the audience by which Access really guards, in every format, and writes nothing', async () => {
    for (const service of ['proxmox', 'machine']) {
      const applied = await run('apply', '--yes', '--service', service);
      expect(applied.code, applied.stderr).toBe(0);
    }
    const writes = (await sandbox.writes()).length;
    const [yaml, json, environment] = await Promise.all(
      ['yaml', 'json', 'env'].map((format) => run('outputs', '--format', format)),
    );
    for (const ran of [yaml, json, environment]) {
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(`${ran?.stdout}${ran?.stderr}`).not.toContain(canary);
    }
    const document = JSON.parse(json?.stdout ?? '');
    expect(parse(yaml?.stdout ?? '')).toEqual(document);
    expect(Object.keys(document.services)).toEqual(['proxmox', 'machine']);
    const aud = audienceIn(await sandbox.visit('proxmox.example.dev'));
    expect(document.services.proxmox.access.aud).toBe(aud);
    expect(environment?.stdout).toContain(`PROXMOX_ACCESS_AUD=${aud}\n`);
    const api = await sandbox.visit('proxmox.example.dev', '/api/x');
    expect(document.services.proxmox.paths['/api/**'].aud).toBe(api.headers['cf-access-aud']);
    const machine = await sandbox.visit('machine.example.dev');
    expect(document.services.machine.access.aud).toBe(machine.headers['cf-access-aud']);
    expect((await sandbox.writes()).length).toBe(writes);
  });

  it('says that a system could not be read, which is not the same as not applied', async () => {
    const match = { system: 'cloudflare', method: 'GET', path: '/client/v4/accounts/*/access/apps' };
    await sandbox.admin('POST', '/faults', { fault: 'status', status: 403, match });
    const { code, stderr } = await run('outputs', '--service', 'machine');
    await sandbox.admin('DELETE', '/faults');
    expect(code).toBe(1);
    expect(stderr).toContain('missing: cloudflare/access-application could not be read');
    expect(stderr).not.toContain('not applied yet');
  });

  it('has nothing to say of a service that everybody sees', async () => {
    const ran = await run('outputs', '--service', 'docs', '--format', 'json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ version: 1, services: {}, clients: {} });
  });

  it('needs no system and no token to say what Traefik needs, which comes before the gate can be proved', async () => {
    const calls = (await sandbox.calls()).length;
    const traefik = await gates(['outputs', '--format', 'traefik'], {}, directory);
    expect(traefik).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(parse(traefik.stdout).http.routers)).toEqual(['gates-outpost-grafana']);
    const labels = await gates(['outputs', '--format', 'traefik', '--traefik', 'labels'], {}, directory);
    expect(labels).toMatchObject({ code: 0, stderr: '' });
    expect(parse(labels.stdout).labels).toContain('traefik.enable=true');
    expect((await sandbox.calls()).length).toBe(calls);
  });

  it('says with a comment that Traefik needs nothing for a service', async () => {
    const ran = await gates(['outputs', '--format', 'traefik', '--service', 'docs'], {}, directory);
    expect(ran.code).toBe(0);
    expect(parse(ran.stdout)).toBeNull();
  });

  it.each([
    { args: ['--service', 'dcos'], says: 'has no service "dcos". It has: auth, grafana, proxmox' },
    { args: ['--file', 'absent.yaml'], says: 'absent.yaml does not exist' },
    { args: ['--format', 'toml'], says: 'Allowed choices are yaml, json, env, traefik' },
  ])('refuses what cannot be meant: $args', async ({ args, says }) => {
    const ran = await run('outputs', ...args);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(says);
  });

  it('refuses a file with mistakes, with their places', async () => {
    const broken = path.join(directory, 'broken.yaml');
    await writeFile(broken, file.replace('owner: home', 'owner: HOME'));
    const ran = await run('outputs', '--file', broken);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/broken\.yaml:2:/);
  });
});
