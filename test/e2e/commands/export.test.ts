import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { traefik } from '../whole/home.ts';

const canary = 'canary7c21';
let sandbox: SandboxProcess;
let directory: string;

/** Runs a command on a sandbox, with a state folder of its own. */
function on(system: SandboxProcess, state: string, ...args: string[]): Promise<Ran> {
  return gates(args, { ...system.env, GATES_STATE_DIR: path.join(directory, state) }, directory);
}

const write = (text: string) => writeFile(path.join(directory, 'gates.yaml'), text);

beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  await sandbox.admin('PUT', '/origins', traefik);
});

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

const file = (emails: string) => `version: 1
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
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana: { host: grafana.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }
  proxmox: { host: proxmox.example.dev, origin: traefik, gate: { cloudflare: { emails: [${emails}] } } }
`;

async function textsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')));
}

describe('gates export', () => {
  it('writes a folder without secrets, from which a sandbox starts that needs no change', async () => {
    await write(file('me@example.dev'));
    const applied = await on(sandbox, 'state', 'apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    const before = (await sandbox.writes()).length;
    const exported = await on(sandbox, 'state', 'export', 'home');
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.stdout).toContain('from example.dev');
    expect(exported.stdout).toContain('Written to home');
    expect((await sandbox.writes()).length).toBe(before);
    const folder = path.join(directory, 'home');
    expect((await stat(path.join(folder, 'export.json'))).mode & 0o777).toBe(0o600);
    const texts = (await textsIn(folder)).join('\n');
    for (const secret of [canary, sandbox.token]) expect(texts).not.toContain(secret);
    expect(texts).toContain('me@example.dev');

    await cp(path.join(directory, 'state'), path.join(directory, 'copied'), { recursive: true });
    const copy = await startSandboxProcess(['--from', folder]);
    try {
      await copy.admin('PUT', '/origins', traefik);
      const same = await on(copy, 'copied', 'plan');
      expect(same.stderr).toBe('');
      expect(same.stdout).toContain('Nothing to do');
      expect(same.code).toBe(0);
      expect((await copy.visit('proxmox.example.dev')).status).toBe(302);
      await write(file('me@example.dev, you@example.dev'));
      const rehearsed = await on(copy, 'copied', 'apply', '--yes');
      expect(rehearsed.code, rehearsed.stderr).toBe(0);
    } finally {
      await copy.stop();
    }
    expect((await sandbox.writes()).length).toBe(before);
  });

  it('shows what changed since an export, and anonymizes one', async () => {
    await write(file('me@example.dev'));
    expect((await on(sandbox, 'state', 'apply', '--yes')).code).toBe(0);
    expect((await on(sandbox, 'state', 'export', 'home', '--quiet')).stdout).toBe('');
    const same = await on(sandbox, 'state', 'plan', '--against', 'home');
    expect(same).toMatchObject({ code: 0, stdout: 'Nothing has changed since the export.\n', stderr: '' });
    await write(file('you@example.dev'));
    expect((await on(sandbox, 'state', 'apply', '--yes')).code).toBe(0);
    const before = (await sandbox.writes()).length;
    const changed = await on(sandbox, 'state', 'plan', '--against', 'home');
    expect(changed.code, changed.stderr).toBe(2);
    expect(changed.stdout).toContain('~ Cloudflare Access policy gates:home/');
    expect(changed.stdout).toContain('me@example.dev');
    const data = JSON.parse((await on(sandbox, 'state', 'plan', '--against', 'home', '-o', 'json')).stdout);
    expect(data).toMatchObject({ version: 1, notCompared: [] });

    const anonymized = await on(sandbox, 'state', 'export', 'report', '--anonymize');
    expect(anonymized.code, anonymized.stderr).toBe(0);
    expect(anonymized.stdout).toContain(
      'Left as they are; look through the folder before you give it to anybody:',
    );
    const texts = (await textsIn(path.join(directory, 'report'))).join('\n');
    for (const name of ['you@', 'proxmox', 'grafana', 'example.dev']) expect(texts).not.toContain(name);
    const refused = await on(sandbox, 'state', 'plan', '--against', 'report');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('report is anonymized');
    expect((await sandbox.writes()).length).toBe(before);
  });

  it('refuses a folder with other files, and a folder that is no export', async () => {
    await write(file('me@example.dev'));
    await mkdir(path.join(directory, 'mine'));
    await writeFile(path.join(directory, 'mine', 'notes.txt'), 'mine');
    const refused = await on(sandbox, 'state', 'export', 'mine');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('mine is neither empty nor an export. Name an empty or a new folder');
    expect((await sandbox.calls()).length).toBe(0);
    const started = await gates(['sandbox', '--json', '--from', path.join(directory, 'mine')], {});
    expect(started).toMatchObject({ code: 1, stdout: '' });
    expect(started.stderr).toContain('mine is no export. `gates export FOLDER` makes one');
  });

  it('needs no file', async () => {
    const exported = await on(sandbox, 'state', 'export', 'home');
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.stderr).toContain('without a file: gates.yaml does not exist');
    expect(exported.stdout).toContain('from example.dev');
  });
});
