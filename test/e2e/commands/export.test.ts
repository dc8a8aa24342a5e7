import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gates, startSandboxProcess } from '../support/processes.ts';
import { traefikFile, useTraefikFolder } from '../support/traefik-folder.ts';
import { traefik } from '../whole/home.ts';

const canary = 'canary7c21';
const place = useTraefikFolder(canary);
const { write, on } = place;

const file = (emails: string) =>
  traefikFile(
    '{ authentik: { groups: [admins] } }',
    `proxmox: { host: proxmox.example.dev, origin: traefik, gate: { cloudflare: { emails: [${emails}] } } }`,
  );

async function textsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')));
}

describe('gates export', () => {
  it('writes a folder without secrets, from which a sandbox starts that needs no change', async () => {
    await write(file('me@example.dev'));
    const applied = await on(place.sandbox, 'state', 'apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    const before = (await place.sandbox.writes()).length;
    const exported = await on(place.sandbox, 'state', 'export', 'home');
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.stdout).toContain('from example.dev');
    expect(exported.stdout).toContain('Written to home');
    expect((await place.sandbox.writes()).length).toBe(before);
    const folder = path.join(place.directory, 'home');
    expect((await stat(path.join(folder, 'export.json'))).mode & 0o777).toBe(0o600);
    const texts = (await textsIn(folder)).join('\n');
    for (const secret of [canary, place.sandbox.token]) expect(texts).not.toContain(secret);
    expect(texts).toContain('me@example.dev');

    await cp(path.join(place.directory, 'state'), path.join(place.directory, 'copied'), { recursive: true });
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
    expect((await place.sandbox.writes()).length).toBe(before);
  });

  it('shows what changed since an export, and anonymizes one', async () => {
    await write(file('me@example.dev'));
    expect((await on(place.sandbox, 'state', 'apply', '--yes')).code).toBe(0);
    expect((await on(place.sandbox, 'state', 'export', 'home', '--quiet')).stdout).toBe('');
    const same = await on(place.sandbox, 'state', 'plan', '--against', 'home');
    expect(same).toMatchObject({ code: 0, stdout: 'Nothing has changed since the export.\n', stderr: '' });
    await write(file('you@example.dev'));
    expect((await on(place.sandbox, 'state', 'apply', '--yes')).code).toBe(0);
    const before = (await place.sandbox.writes()).length;
    const changed = await on(place.sandbox, 'state', 'plan', '--against', 'home');
    expect(changed.code, changed.stderr).toBe(2);
    expect(changed.stdout).toContain('~ Cloudflare Access policy gates:home/');
    expect(changed.stdout).toContain('me@example.dev');
    const data = JSON.parse(
      (await on(place.sandbox, 'state', 'plan', '--against', 'home', '-o', 'json')).stdout,
    );
    expect(data).toMatchObject({ version: 1, notCompared: [] });

    const anonymized = await on(place.sandbox, 'state', 'export', 'report', '--anonymize');
    expect(anonymized.code, anonymized.stderr).toBe(0);
    expect(anonymized.stdout).toContain(
      'Left as they are; look through the folder before you give it to anybody:',
    );
    const texts = (await textsIn(path.join(place.directory, 'report'))).join('\n');
    for (const name of ['you@', 'proxmox', 'grafana', 'example.dev']) expect(texts).not.toContain(name);
    const refused = await on(place.sandbox, 'state', 'plan', '--against', 'report');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('report is anonymized');
    expect((await place.sandbox.writes()).length).toBe(before);
  });

  it('refuses a folder with other files, and a folder that is no export', async () => {
    await write(file('me@example.dev'));
    await mkdir(path.join(place.directory, 'mine'));
    await writeFile(path.join(place.directory, 'mine', 'notes.txt'), 'mine');
    const refused = await on(place.sandbox, 'state', 'export', 'mine');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('mine is neither empty nor an export. Name an empty or a new folder');
    expect((await place.sandbox.calls()).length).toBe(0);
    const started = await gates(['sandbox', '--json', '--from', path.join(place.directory, 'mine')], {});
    expect(started).toMatchObject({ code: 1, stdout: '' });
    expect(started.stderr).toContain('mine is no export. `gates export FOLDER` makes one');
  });

  it('needs no file', async () => {
    const exported = await on(place.sandbox, 'state', 'export', 'home');
    expect(exported.code, exported.stderr).toBe(0);
    expect(exported.stderr).toContain('without a file: gates.yaml does not exist');
    expect(exported.stdout).toContain('from example.dev');
  });
});
