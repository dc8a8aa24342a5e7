import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { asPrinted, blocksOf, type Desk, deskIn, follow, Terminal } from '../support/followed-page.ts';
import { collect, remove, temporaryDirectory } from '../support/processes.ts';

const blocks = blocksOf(readFileSync('docs/first-hour.md', 'utf8'));
const followed = blocks.filter(({ mark }) => mark === '' || mark === 'sandbox');

let sandbox: ChildProcess;
/** The output of the sandbox: lines to paste, and on stderr its address. */
let lines: string;
let places: string;
let directory: string;
let desk: Desk;
let terminal: Terminal;

const place = (name: string) => new RegExp(`${name} (http://[^ ,;]+)`).exec(places)?.[1] ?? '';
const curl = (...args: readonly string[]) => execFileSync('curl', ['-s', ...args], { encoding: 'utf8' });

beforeAll(async () => {
  directory = await temporaryDirectory();
  desk = deskIn(directory);
  const second = blocks.find(({ mark }) => mark === 'second')?.text ?? '';
  sandbox = spawn('bash', ['--noprofile', '--norc', '-c', `exec ${second}`], {
    cwd: desk.work,
    env: desk.env,
  });
  const [printed, told] = [collect(sandbox.stdout), collect(sandbox.stderr)];
  while (!told().endsWith('Ctrl-C\n')) await once(sandbox.stderr ?? sandbox, 'data');
  [lines, places] = [printed(), told()];
  // A real run waits for Cloudflare's edge; here nothing depends on that.
  terminal = new Terminal(desk.work, { ...desk.env, GATES_EDGE_LAG: '0' });
  await terminal.type(`${lines}export ADMIN=${place('admin')}`);
});

afterAll(async () => {
  await terminal.close();
  sandbox.kill('SIGTERM');
  if (sandbox.exitCode === null) await once(sandbox, 'exit');
  await remove(directory);
});

describe('the first hour, followed literally', needs('bash', 'curl'), () => {
  it('leaves out only what needs a real account', () => {
    const left = blocks.filter(({ mark }) => mark === 'real').map(({ text }) => text.split('\n')[0]);
    expect(left).toEqual([
      'git clone https://github.com/you/gates.git && cd gates',
      'mkdir -p ~/.config/gates && install -m 0600 /dev/null ~/.config/gates/cloudflare-api-token',
      'export AUTHENTIK_URL=http://authentik.lan:9000        # inside the LAN, not through the tunnel',
    ]);
    expect(blocks.filter(({ mark }) => mark === 'sandbox')).toHaveLength(2);
  });

  it.each(followed)('line $line: $text', async (block) => {
    expect(await follow(block, terminal, desk)).toMatch(asPrinted(block.printed ?? ''));
  });

  it('leaves nothing behind', () => {
    for (const host of ['docs', 'proxmox', 'auth', 'grafana']) {
      const answer = curl('-i', '-H', `Host: ${host}.example.dev`, place('edge'));
      expect(answer).toContain('x-sandbox-error: does-not-resolve');
    }
    const said = new Map(
      [...lines.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    const listed = (system: string, token: string, where: string) =>
      JSON.parse(curl('-H', `Authorization: Bearer ${said.get(token)}`, `${said.get(system)}${where}`));
    const account = '/accounts/0123456789abcdef0123456789abcdef';
    for (const where of [
      `${account}/access/apps`,
      `${account}/access/service_tokens`,
      `${account}/access/policies`,
    ]) {
      expect(listed('CLOUDFLARE_BASE_URL', 'CLOUDFLARE_API_TOKEN', where)).toMatchObject({ result: [] });
    }
    for (const where of ['/core/applications/?superuser_full_list=true', '/providers/all/']) {
      expect(listed('AUTHENTIK_URL', 'AUTHENTIK_TOKEN', `/api/v3${where}`)).toMatchObject({ results: [] });
    }
  });
});
