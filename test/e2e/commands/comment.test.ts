import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgeNames } from '../../../src/clients/forge/forge.ts';
import { type FakeForge, pull, repository, startForge, token } from '../../clients/forge/fake-forge.ts';
import {
  collect,
  type Environment,
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const canary = 'canary9c2e';
const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
dns:
  example.dev:
    - { name: www, type: CNAME, content: example.net }
    - { name: note, type: TXT, content: "\`\`\` @everyone </details> [here](https://evil.example)" }
`;

let sandbox: SandboxProcess;
let directory: string;
let forge: FakeForge;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  await writeFile(path.join(directory, 'gates.yaml'), file);
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

afterEach(() => forge?.stop());

describe.each(forgeNames)('gates comment, in a job of %s', (name) => {
  let job: Environment;

  beforeEach(async () => {
    forge = await startForge(name);
    job =
      name === 'gitlab'
        ? { CI_API_V4_URL: forge.api, CI_PROJECT_ID: repository }
        : { GITHUB_API_URL: forge.api, GITHUB_REPOSITORY: repository };
  });

  const command = (args: readonly string[], env: Environment): Promise<Ran> =>
    gates(args, { GATES_STATE_DIR: path.join(directory, 'state'), ...env }, directory);
  const comment = (args: readonly string[] = [], env: Environment = {}) =>
    command(['comment', '--pull', `${pull}`, ...args], {
      ...sandbox.env,
      ...job,
      GATES_FORGE_TOKEN: token,
      ...env,
    });

  it('makes the plan and posts it, edits the comment when the plan changes, and changes nothing else', async () => {
    const first = await comment();
    expect(first, first.stderr).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('Commented: ');
    const printed = await command(['plan', '--output', 'markdown'], sandbox.env);
    expect(printed).toMatchObject({ code: 2, stdout: forge.comments[0]?.body });
    expect(printed.stdout).toContain('**Plan: 2 to create; 2 unchanged.**');

    expect((await comment()).stderr).toContain('is up to date');
    await writeFile(path.join(directory, 'other.yaml'), file.replace('example.net', 'example.org'));
    expect((await comment(['--file', 'other.yaml'])).stderr).toContain('Updated the comment');
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.body).toContain('example.org');
    expect(await sandbox.writes()).toEqual([]);
    const all = JSON.stringify([first, forge.comments]);
    expect(all).not.toContain(token);
    expect(all).not.toContain(canary);
  });

  it('posts a plan that another job made, which needs no token of the systems', async () => {
    const { stdout: plan } = await command(['plan', '-o', 'markdown'], sandbox.env);
    await writeFile(path.join(directory, 'plan.md'), plan);
    const secret = path.join(directory, 'token');
    await writeFile(secret, `${token}\n`);
    const env = { ...job, GATES_FORGE_TOKEN_FILE: secret };
    const posted = await command(['comment', '--pull', `${pull}`, '--from', 'plan.md'], env);
    expect(posted, posted.stderr).toMatchObject({ code: 0 });
    expect(forge.comments.map(({ body }) => body)).toEqual([plan]);

    const program = path.resolve(import.meta.dirname, '../../../dist/gates.js');
    const args = [program, 'comment', '--pull', `${pull}`, '--from', '-', '--quiet'];
    const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env } });
    const said = collect(child.stderr);
    child.stdin.end(plan.replace('example.net', 'example.com'));
    const [code] = await once(child, 'close');
    expect([code, said()]).toEqual([0, '']);
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.body).toContain('example.com');
  });

  it('ends with 1, and posts nothing, if it cannot', async () => {
    await writeFile(path.join(directory, 'wrong.yaml'), file.replace('owner', 'ownr'));
    await writeFile(path.join(directory, 'other.md'), 'Hello @everyone');
    await writeFile(path.join(directory, 'long.md'), `<!-- gates:plan:home -->\n${'x'.repeat(65_536)}`);
    const rows = [
      [await comment(['--file', 'wrong.yaml']), 'wrong.yaml:2:1'],
      [await comment(['--from', 'other.md']), 'not a plan to comment with'],
      [await comment(['--from', 'long.md']), 'not a plan to comment with'],
      [await comment(['--from', 'none.md']), 'none.md cannot be read'],
      [await comment([], { GATES_FORGE_TOKEN: '' }), 'Set GATES_FORGE_TOKEN'],
      [await comment([], { GATES_FORGE_TOKEN: 'wrong-token-1234' }), 'does not know this token'],
      [await comment([], { CI_API_V4_URL: '', GITHUB_API_URL: '' }), 'not known where the pull request is'],
    ] as const;
    for (const [ran, words] of rows) {
      expect(ran.stderr).toContain(words);
      expect(ran.code).toBe(1);
    }
    const wrongCall = await command(['comment'], {});
    expect([wrongCall.code, wrongCall.stderr]).toEqual([
      64,
      expect.stringContaining("required option '--pull <n>'"),
    ]);
    expect(forge.comments).toEqual([]);
  });
});
