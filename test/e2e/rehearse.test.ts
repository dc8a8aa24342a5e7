import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import planSchema from '../../schema/plan.schema.json' with { type: 'json' };
import type { Rehearsal } from '../../src/report/rehearsal.ts';
import { home, traefik } from './home.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from './processes.ts';

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
}, 60_000);

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

/** What is on the disk, by name. */
const files = async () => (await readdir(directory, { recursive: true })).sort();

describe('gates plan --rehearse', () => {
  it('tells that a move from Access to Authentik is safe, or what somebody’s word would cost, and touches nothing', async () => {
    const after = home(directory);
    const before = after.replace(
      '{ authentik: { mode: forwardAuth, groups: [admins] } }',
      '{ cloudflare: { emails: [me@example.dev] } }',
    );
    await write(before);
    const applied = await command('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    await write(after);
    const [written, there] = [(await sandbox.writes()).length, await files()];

    const rehearsed = await command('plan', '--rehearse', '--seed', '5', '--output', 'json');
    expect(rehearsed.code, rehearsed.stderr).toBe(2);
    const check = new Ajv2020({ allowUnionTypes: true }).compile(planSchema);
    const document: unknown = JSON.parse(rehearsed.stdout);
    expect([check(document), check.errors]).toEqual([true, null]);
    const { rehearsal } = document as { rehearsal: Rehearsal };
    expect(rehearsal).toMatchObject({ seed: 5, holes: [], unfinished: [], standing: [], unplayed: [] });
    expect(rehearsal.tried).toBe(rehearsal.possible);

    const word = await command('plan', '--rehearse', '--unverified', 'grafana.example.dev');
    expect(word.code, word.stderr).toBe(1);
    expect(word.stdout).toContain('! grafana.example.dev/ lets anonymous through to the origin');
    expect(word.stdout).toContain('Exposed: the file does not admit them, and they get through.');

    expect((await sandbox.writes()).length).toBe(written);
    expect(await files()).toEqual(there);
    expect(`${rehearsed.stdout}${word.stdout}${word.stderr}`).not.toContain(canary);

    // Where everything is as it should be, nothing is left to go wrong but reading.
    expect((await command('apply', '--yes')).code).toBe(0);
    const rest = await command('plan', '--rehearse');
    expect(rest).toMatchObject({ code: 0, stdout: expect.stringContaining('0 writes') });
  }, 120_000);
});
