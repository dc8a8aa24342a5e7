import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import planSchema from '../../../schema/plan.schema.json' with { type: 'json' };
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { home, homeGuards, traefik } from '../whole/home.ts';

const canary = 'canary7d31';
let sandbox: SandboxProcess;
let directory: string;

const command = (...args: string[]): Promise<Ran> =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);
const at = (name: string) => path.join(directory, name);
const writeCount = async () => (await sandbox.writes()).length;

/** Edits a saved plan as an editor would. */
async function edit(change: (saved: Record<string, never>) => object): Promise<void> {
  const saved = JSON.parse(await readFile(at('plan.json'), 'utf8'));
  await writeFile(at('plan.json'), JSON.stringify({ ...saved, ...change(saved) }));
}

async function byHand(system: string, method: string, where: string, body?: object): Promise<void> {
  const answer = await sandbox.admin('POST', '/edit', { actor: 'me', system, method, path: where, body });
  expect(answer).not.toMatchObject({ success: false });
}

/** A file without Authentik, small enough for changes by hand. */
const small = (target: string, ttl = 300) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
dns:
  example.dev:
    - { name: www, type: CNAME, content: ${target}, ttl: ${ttl} }
    - { name: old, type: CNAME, content: example.net }
`;

beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
});

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('a saved plan', () => {
  it('is data without a secret, private to its owner, and is exactly what apply makes', async () => {
    await sandbox.admin('PUT', '/origins', traefik);
    await sandbox.admin('PUT', '/guards', homeGuards);
    await writeFile(at('gates.yaml'), home(directory));
    const made = await command('plan', '--save', 'plan.json', '--output', 'json');
    expect(made).toMatchObject({ code: 2, stderr: expect.stringContaining('gates apply --plan plan.json') });
    expect(await writeCount()).toBe(0);
    const text = await readFile(at('plan.json'), 'utf8');
    // The doors are for readers; a run computes them from what it has read.
    const { doors, ...printed } = JSON.parse(made.stdout);
    expect(doors).not.toEqual([]);
    expect(JSON.parse(text).plan).toEqual(printed);
    expect((await stat(at('plan.json'))).mode & 0o777).toBe(0o600);
    const check = new Ajv2020({ allowUnionTypes: true }).compile(planSchema);
    expect([check(JSON.parse(made.stdout)), check.errors]).toEqual([true, null]);

    const applied = await command('apply', '--yes', '--plan', 'plan.json');
    expect(applied.code, applied.stderr).toBe(0);
    expect(await command('plan')).toMatchObject({ code: 0 });
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);

    // After the first apply, the plan is no longer what remains to be done.
    const before = await writeCount();
    const again = await command('apply', '--yes', '--plan', 'plan.json');
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('have changed since') });
    expect(again.stderr).toMatch(/… and \d+ more/);
    expect(await writeCount()).toBe(before);

    // The live object now contains secrets; a saved change of it contains none.
    await writeFile(
      at('gates.yaml'),
      home(directory)
        .replaceAll('forwardAuth, groups: [admins]', 'forwardAuth, groups: [family]')
        .replace('duration: 8760h', 'duration: 4380h')
        .replace('oidc-signin', 'oidc-signin-2'),
    );
    expect(await command('plan', '--save', 'plan.json')).toMatchObject({ code: 2 });
    const second = await readFile(at('plan.json'), 'utf8');
    expect(Object.keys(JSON.parse(second).observed).length).toBeGreaterThan(1);
    expect(`${text}${second}`).not.toContain(canary);
  });

  it('without changes is applied without a write', async () => {
    await writeFile(at('gates.yaml'), small('example.net'));
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await command('plan', '--save', 'plan.json')).toMatchObject({ code: 0 });
    const before = await writeCount();
    expect(await command('apply', '--yes', '--plan', 'plan.json')).toMatchObject({ code: 0 });
    expect(await writeCount()).toBe(before);
  });

  it('contains the options of its command', async () => {
    await byHand('cloudflare', 'POST', `/zones/${sandbox.zoneId}/dns_records`, {
      type: 'CNAME',
      name: 'www',
      content: 'example.org',
      proxied: false,
      ttl: 60,
    });
    await writeFile(at('gates.yaml'), small('example.net'));
    expect(await command('plan', '--adopt', '--save', 'plan.json')).toMatchObject({ code: 2 });
    expect(await command('apply', '--yes', '--plan', 'plan.json', '--adopt')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("cannot be used with option '--adopt'"),
    });
    expect(await command('apply', '--yes', '--plan', 'plan.json')).toMatchObject({ code: 0 });
    expect(await command('plan')).toMatchObject({ code: 0 });
  });

  it('needs a confirmation, like any other', async () => {
    await writeFile(at('gates.yaml'), small('example.net'));
    await command('plan', '--save', 'plan.json');
    expect(await command('apply', '--plan', 'plan.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no terminal to ask for confirmation'),
    });
  });

  it('is refused when somebody has changed a record since, with the difference', async () => {
    await writeFile(at('gates.yaml'), small('example.net'));
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    await writeFile(at('gates.yaml'), small('example.org'));
    expect(await command('plan', '--save', 'plan.json')).toMatchObject({ code: 2 });
    const [record] = Object.keys(JSON.parse(await readFile(at('plan.json'), 'utf8')).observed);
    const id = record?.split(' ').at(-1);
    await byHand('cloudflare', 'PATCH', `/zones/${sandbox.zoneId}/dns_records/${id}`, { ttl: 900 });

    const before = await writeCount();
    const applied = await command('apply', '--yes', '--plan', 'plan.json');
    expect(applied).toMatchObject({ code: 1, stdout: '' });
    expect(applied.stderr).toContain('  ~ update cloudflare/dns-record CNAME www.example.dev');
    expect(applied.stderr).toContain('observed.ttl: 300 → 900');
    expect(applied.stderr).toMatch(/have changed since the plan was saved.*gates plan --save/);
    expect(await writeCount()).toBe(before);

    expect(await command('plan', '--save', 'plan.json')).toMatchObject({ code: 2 });
    expect(await command('apply', '--yes', '--plan', 'plan.json')).toMatchObject({ code: 0 });
  });

  it('is not saved if something could not be read', async () => {
    await writeFile(at('gates.yaml'), small('example.net'));
    const match = { system: 'cloudflare', method: 'GET', path: '**/dns_records' };
    await sandbox.admin('POST', '/faults', { match, fault: 'status', status: 403 });
    const made = await command('plan', '--save', 'plan.json');
    expect(made).toMatchObject({ code: 1, stderr: expect.stringContaining('not saved') });
    await expect(stat(at('plan.json'))).rejects.toThrow('ENOENT');
  });

  it('is refused for another file, version or system, or when it is invalid', async () => {
    await writeFile(at('gates.yaml'), small('example.net'));
    await writeFile(at('other.yaml'), small('example.org'));
    await command('plan', '--save', 'plan.json');
    const original = await readFile(at('plan.json'), 'utf8');
    const refused = async (text: string | RegExp, ...args: string[]) => {
      const ran = await command('apply', '--yes', '--plan', 'plan.json', ...args);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(text);
      await writeFile(at('plan.json'), original);
    };

    await refused(/from gates\.yaml, and not from other\.yaml.*--file gates\.yaml/, '--file', 'other.yaml');
    await writeFile(at('gates.yaml'), `${small('example.net')}\n`);
    await refused(/gates\.yaml is no longer as it was when the plan was saved/);
    await writeFile(at('gates.yaml'), small('example.net'));

    await edit(() => ({ gates: '0.0.1' }));
    await refused(/saved by gates 0\.0\.1, and this is/);
    await edit(() => ({ apis: { cloudflare: 'https://api.cloudflare.com/client/v4' } }));
    await refused(/made for https:\/\/api\.cloudflare\.com\/client\/v4, and this is http:/);
    await edit(() => ({ plan: { version: 1 } }));
    await refused(/plan\.json is no saved plan/);
    await edit(() => ({ more: true }));
    await refused(/plan\.json is no saved plan/);
    await writeFile(at('plan.json'), original.slice(0, 200));
    await refused(/plan\.json is no saved plan/);
    // A step that the live state does not need is not made, whatever the saved file contains.
    await edit(({ plan }) => ({
      plan: JSON.parse(JSON.stringify(plan).replaceAll('example.net', 'evil.example')),
    }));
    await refused(/have changed since/);
    expect(await writeCount()).toBe(0);
    expect(await command('apply', '--yes', '--plan', 'missing.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('missing.json cannot be read'),
    });
    expect(await command('apply', '--yes', '--plan', 'plan.json')).toMatchObject({ code: 0 });
  });
});
