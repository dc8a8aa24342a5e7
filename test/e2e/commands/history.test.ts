import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createForge } from '../../daemon/forge.ts';
import { head } from '../support/file-head.ts';
import {
  collect,
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const file = (...names: readonly string[]) => `${head}services:
${names.map((name) => `  ${name}: { host: ${name}.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }`).join('\n')}
`;

let sandbox: SandboxProcess;
let directory: string;
let env: Readonly<Record<string, string>>;

const history = (...args: string[]): Promise<Ran> => gates(['history', ...args], env, directory);

async function apply(...names: readonly string[]): Promise<void> {
  await writeFile(path.join(directory, 'gates.yaml'), file(...names));
  const ran = await gates(['apply', '--yes'], env, directory);
  expect(ran.code, ran.stderr).toBe(0);
}

/** Runs a daemon that makes its first run and is then stopped. */
async function daemon(text: string): Promise<string> {
  const forge = createForge(directory);
  const revision = forge.push({ 'gates.yaml': text });
  const more = {
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
  const child = start(['run'], { ...env, ...more });
  const log = collect(child.stderr);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let told = false;
  child.stderr?.on('data', () => {
    if (told || !log().includes('"run ended"')) return;
    told = true;
    child.kill('SIGTERM');
  });
  expect(await ended, log()).toBe(0);
  return revision;
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('gates history', () => {
  it('reports that there is none before the first run, which is no damage', async () => {
    expect(await history()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('No run is kept in this state directory'),
    });
  });

  it('has the runs of commands and of the daemon, newest first, and proves that it is intact', async () => {
    await apply('docs');
    await apply('docs', 'wiki');
    const revision = await daemon(file('docs', 'wiki', 'blog'));
    const shown = await history('--output', 'json');
    expect(shown.code, shown.stderr).toBe(0);
    const runs = JSON.parse(shown.stdout);
    expect(runs).toMatchObject([
      { command: 'gates run', triggers: ['start'], revision, result: 'done' },
      { command: 'gates apply', result: 'done' },
      { command: 'gates apply', result: 'done' },
    ]);
    const written = (await sandbox.writes()).length;
    const counted = runs.map(
      ({ calls }: { calls: { cloudflare: { writes: number } } }) => calls.cloudflare.writes,
    );
    expect(counted.reduce((sum: number, writes: number) => sum + writes, 0)).toBe(written);
    const text = await history();
    expect(text.stdout).toContain(`start, revision ${revision.slice(0, 8)}`);
    expect(text.stdout).toMatch(/created \d+ for .*services\.blog/);
    expect(await history('verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Whole: runs 1 to 3, the last with SHA-256 [0-9a-f]{64}\.\n$/),
    });
  });

  it('can be restricted to one service, or to the time since an instant', async () => {
    const runsOf = async (...args: string[]) => {
      const ran = await history('--output', 'json', ...args);
      expect(ran.code, ran.stderr).toBe(0);
      return JSON.parse(ran.stdout).length;
    };
    expect(await runsOf('--service', 'wiki')).toBe(1);
    expect(await runsOf('--since', '1h')).toBe(3);
    expect(await runsOf('--since', '2099-01-01')).toBe(0);
    expect(await history('--since', 'yesterday')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--since is not a time'),
    });
  });

  it('contains no secret of the environment', async () => {
    const folder = path.join(directory, 'state', 'history');
    const kept = await Promise.all(
      (await readdir(folder)).map((name) => readFile(path.join(folder, name), 'utf8')),
    );
    expect(kept.join('')).not.toContain(sandbox.token);
  });

  it('reports where somebody changed it, and still shows the rest', async () => {
    const place = path.join(directory, 'state', 'history', '00000001.jsonl');
    const text = await readFile(place, 'utf8');
    const at = text.indexOf('"result":"done"', text.indexOf('\n'));
    await writeFile(place, `${text.slice(0, at)}"result":"dome"${text.slice(at + 15)}`);
    expect(await history('verify')).toMatchObject({
      code: 1,
      stdout: 'Broken at 00000001.jsonl:2: the line is not what was written.\n',
    });
    const shown = await history('--output', 'json');
    expect(shown.stderr).toContain('the history is broken at 00000001.jsonl:2');
    expect(JSON.parse(shown.stdout)).toHaveLength(2);
    expect(JSON.parse((await history('verify', '--output', 'json')).stdout)).toMatchObject({
      whole: false,
      broken: { place: '00000001.jsonl:2' },
    });
  });
});
