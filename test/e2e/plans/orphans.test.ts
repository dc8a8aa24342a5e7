import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrphansDocument } from '../../../src/report/orphans/orphans.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

let sandbox: SandboxProcess;
let directory: string;

const fileOf = (owner: string, names: readonly string[]) => `version: 1
owner: ${owner}
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
dns: { example.dev: [${names.map((name) => `{ name: ${name}, type: A, content: 192.0.2.1 }`).join(', ')}] }
`;

const run = (...args: string[]) =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);

async function write(file: string, text: string): Promise<void> {
  await writeFile(path.join(directory, file), text);
}

async function apply(file: string, text: string): Promise<void> {
  await write(file, text);
  const { code, stderr } = await run('apply', '--yes', '--file', file);
  expect(code, stderr).toBe(0);
}

async function orphans(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly document: OrphansDocument }> {
  const { code, stdout } = await run('plan', '--output', 'json', '--orphans', ...args);
  return { code, document: JSON.parse(stdout) as OrphansDocument };
}

beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await apply('gates.yaml', fileOf('home', ['kept', 'left']));
  await apply('work.yaml', fileOf('work', ['desk', 'chair']));
});

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('gates plan --orphans', () => {
  it('lists what no file names, by owner, and writes nothing', async () => {
    await write('gates.yaml', fileOf('home', ['kept']));
    const before = (await sandbox.writes()).length;
    const { code, stdout, stderr } = await run('plan', '--orphans');
    expect(code, stderr).toBe(2);
    const text = stdout.replace(/since \d{4}-\d\d-\d\d/g, 'since DATE');
    expect(text).toBe(`home  gates.yaml
  DNS record A left.example.dev 192.0.2.1  since DATE; to be removed

work  no file of this owner was given
  DNS record A chair.example.dev 192.0.2.1  since DATE
  DNS record A desk.example.dev 192.0.2.1   since DATE

3 objects of 2 owners that no given file names.
`);
    expect((await sandbox.writes()).length).toBe(before);
  });

  it('knows the files of other owners', async () => {
    const whole = await orphans('work.yaml');
    expect(whole).toEqual({ code: 0, document: { version: 1, owners: [], unknown: [] } });
    await write('work.yaml', `${fileOf('work', ['desk'])}reconcile: { prune: false }\n`);
    const { code, document } = await orphans('work.yaml');
    expect(code).toBe(2);
    const [work] = document.owners;
    expect(document.owners).toHaveLength(1);
    expect(work?.file).toBe('work.yaml');
    expect(work?.objects).toMatchObject([{ key: 'A chair.example.dev 192.0.2.1', next: 'kept' }]);
  });

  it('says of a protected object why it stays', async () => {
    await apply('gates.yaml', fileOf('home', ['kept']).replace('192.0.2.1 }', '192.0.2.1, protect: true }'));
    await write('gates.yaml', fileOf('home', []));
    const { document } = await orphans('work.yaml');
    expect(document.owners[0]?.objects).toMatchObject([
      { key: 'A kept.example.dev 192.0.2.1', next: 'refused', reason: expect.stringContaining('protected') },
    ]);
  });

  it('refuses two files of one owner, and options of a plan', async () => {
    await write('again.yaml', fileOf('home', []));
    expect((await run('plan', '--orphans', 'again.yaml')).stderr).toContain('have the same owner');
    expect((await run('plan', '--orphans', '--save', 'x')).code).toBe(64);
    expect((await run('plan', '--orphans', '--output', 'markdown')).code).toBe(64);
  });
});
