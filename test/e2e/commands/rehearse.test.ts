import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import planSchema from '../../../schema/plan.schema.json' with { type: 'json' };
import type { Rehearsal } from '../../../src/report/rehearsal/rehearsal.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { traefik } from '../whole/home.ts';

const canary = 'canary9e44';
let sandbox: SandboxProcess;
let directory: string;

const command = (...args: string[]): Promise<Ran> =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);
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

const file = (gate: string) => `version: 1
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
  grafana: { host: grafana.example.dev, origin: traefik, gate: ${gate} }
`;

/** The names of the files on the disk. */
const files = async () => (await readdir(directory, { recursive: true })).sort();

describe('gates plan --rehearse', () => {
  it('finds that a move from Access to Authentik is safe, and what --unverified would cost, and changes nothing', async () => {
    await write(file('{ cloudflare: { emails: [me@example.dev] } }'));
    const applied = await command('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    await write(file('{ authentik: { mode: forwardAuth, groups: [admins] } }'));
    const [written, there] = [(await sandbox.writes()).length, await files()];

    const rehearsed = await command('plan', '--rehearse', '--seed', '5', '--output', 'json');
    expect(rehearsed.code, rehearsed.stderr).toBe(2);
    const check = new Ajv2020({ allowUnionTypes: true }).compile(planSchema);
    const document: unknown = JSON.parse(rehearsed.stdout);
    expect([check(document), check.errors]).toEqual([true, null]);
    const { rehearsal } = document as { rehearsal: Rehearsal };
    expect(rehearsal).toMatchObject({ seed: 5, holes: [], unfinished: [], standing: [], unplayed: [] });
    expect(rehearsal.tried).toBe(rehearsal.possible);

    // The rehearsal finds that --unverified opens the host to everybody.
    const word = await command('plan', '--rehearse', '--unverified', 'grafana.example.dev');
    expect(word.code, word.stderr).toBe(1);
    expect(word.stdout).toContain('! grafana.example.dev/ lets anonymous through to the origin');
    expect(word.stdout).toContain('Exposed: the file does not admit them, and they get through.');

    expect((await sandbox.writes()).length).toBe(written);
    expect(await files()).toEqual(there);
    expect(`${rehearsed.stdout}${word.stdout}${word.stderr}`).not.toContain(canary);

    // When everything is in order, only reading can still go wrong.
    expect((await command('apply', '--yes')).code).toBe(0);
    const rest = await command('plan', '--rehearse');
    expect(rest).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to write;') });
  });
});
