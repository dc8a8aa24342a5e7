import { readdir } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import planSchema from '../../../schema/plan.schema.json' with { type: 'json' };
import type { Rehearsal } from '../../../src/report/rehearsal/rehearsal.ts';
import type { Ran } from '../support/processes.ts';
import { traefikFile, useTraefikFolder } from '../support/traefik-folder.ts';

const canary = 'canary9e44';
const place = useTraefikFolder(canary);
const { write } = place;

const command = (...args: string[]): Promise<Ran> => place.on(place.sandbox, 'state', ...args);
const file = (gate: string) => traefikFile(gate);

/** The names of the files on the disk. */
const files = async () => (await readdir(place.directory, { recursive: true })).sort();

describe('gates plan --rehearse', () => {
  it('finds that a move from Access to Authentik is safe, and what --unverified would cost, and changes nothing', async () => {
    await write(file('{ cloudflare: { emails: [me@example.dev] } }'));
    const applied = await command('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    await write(file('{ authentik: { mode: forwardAuth, groups: [admins] } }'));
    const [written, there] = [(await place.sandbox.writes()).length, await files()];

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

    expect((await place.sandbox.writes()).length).toBe(written);
    expect(await files()).toEqual(there);
    expect(`${rehearsed.stdout}${word.stdout}${word.stderr}`).not.toContain(canary);

    // When everything is in order, only reading can still go wrong.
    expect((await command('apply', '--yes')).code).toBe(0);
    const rest = await command('plan', '--rehearse');
    expect(rest).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to write;') });
  });
});
