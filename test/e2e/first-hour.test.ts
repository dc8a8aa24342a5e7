import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../programs.ts';
import { collect, remove, temporaryDirectory } from './processes.ts';

const program = path.resolve(import.meta.dirname, '../../dist/gates.js');

/** A fenced block of the page, with what it says is printed. */
interface Block {
  readonly line: number;
  readonly language: string;
  /** `real`: for an account alone. `sandbox`: for the sandbox alone. `second`: in a second terminal. */
  readonly mark: string;
  readonly text: string;
  readonly printed: string | undefined;
}

function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const found of page.matchAll(/^```([a-z]+)(?: ([a-z]+))?\n(.*?)^```$/gms)) {
    const [, language = '', mark = '', text = ''] = found;
    const line = page.slice(0, found.index).split('\n').length;
    const last = blocks.at(-1);
    if (language !== 'text') blocks.push({ line, language, mark, text, printed: undefined });
    else if (last === undefined) throw new Error(`line ${line} says what is printed, and by nothing`);
    else blocks[blocks.length - 1] = { ...last, printed: text };
  }
  return blocks;
}

/** `…` is anything of one line, and a line of it alone any number of lines. */
function asPrinted(text: string): RegExp {
  const lines = text === '' ? [] : text.trimEnd().split('\n');
  const pattern = lines.map((line) =>
    line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(literally).join('.+?')} *\\n`,
  );
  return new RegExp(`^${pattern.join('')}$`);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const blocks = blocksOf(readFileSync('docs/first-hour.md', 'utf8'));
const followed = blocks.filter(({ mark }) => mark === '' || mark === 'sandbox');

/** One terminal: what a block sets is there for the next one. Both of its streams, as a person sees them. */
class Terminal {
  private readonly shell: ChildProcess;
  private readonly printed: () => string;
  private seen = 0;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.shell = spawn('bash', ['--noprofile', '--norc'], { cwd, env });
    this.shell.stdin?.write('exec 2>&1\n');
    this.printed = collect(this.shell.stdout);
  }

  /** Types the text, and answers with what was printed until it was through. */
  async type(text: string): Promise<string> {
    const end = `through ${this.seen}\n`;
    this.shell.stdin?.write(`${text}\nprintf '%s\\n' '${end.trimEnd()}'\n`);
    for (;;) {
      const printed = this.printed().slice(this.seen);
      if (printed.endsWith(end)) {
        this.seen += printed.length;
        return printed.slice(0, -end.length);
      }
      await once(this.shell.stdout ?? this.shell, 'data');
    }
  }

  async close(): Promise<void> {
    this.shell.stdin?.end('kill $(jobs -p) 2> /dev/null; wait\n');
    if (this.shell.exitCode === null) await once(this.shell, 'exit');
  }
}

let sandbox: ChildProcess;
/** What the sandbox printed: lines to paste, and on stderr where it is. */
let lines: string;
let places: string;
let directory: string;
let terminal: Terminal;

const place = (name: string) => new RegExp(`${name} (http://[^ ,;]+)`).exec(places)?.[1] ?? '';
const curl = (...args: readonly string[]) => execFileSync('curl', ['-s', ...args], { encoding: 'utf8' });

beforeAll(async () => {
  directory = await temporaryDirectory();
  const [bin, work] = [path.join(directory, 'bin'), path.join(directory, 'work')];
  mkdirSync(bin);
  mkdirSync(work);
  const run = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(path.join(bin, 'gates'), run, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: directory, NO_COLOR: '1' };
  const second = blocks.find(({ mark }) => mark === 'second')?.text ?? '';
  sandbox = spawn('bash', ['--noprofile', '--norc', '-c', `exec ${second}`], { cwd: work, env });
  const [printed, told] = [collect(sandbox.stdout), collect(sandbox.stderr)];
  while (!told().endsWith('Ctrl-C\n')) await once(sandbox.stderr ?? sandbox, 'data');
  [lines, places] = [printed(), told()];
  // Ports that are free, whatever else runs on this machine.
  const listening = { GATES_LISTEN: '127.0.0.1:0', GATES_HOOKS_LISTEN: '127.0.0.1:0' };
  // What people follow waits for Cloudflare's edge; here nothing looks at what that comes to.
  terminal = new Terminal(work, { ...env, ...listening, GATES_EDGE_LAG: '0' });
  await terminal.type(`${lines}export ADMIN=${place('admin')}`);
});

afterAll(async () => {
  await terminal.close();
  sandbox.kill('SIGTERM');
  if (sandbox.exitCode === null) await once(sandbox, 'exit');
  await remove(directory);
});

describe('the first hour, followed to the letter', needs('bash', 'curl'), () => {
  it('leaves out what only a real account needs, and nothing else', () => {
    const left = blocks.filter(({ mark }) => mark === 'real').map(({ text }) => text.split('\n')[0]);
    expect(left).toEqual([
      'git clone https://github.com/you/gates.git && cd gates',
      'mkdir -p ~/.config/gates && install -m 0600 /dev/null ~/.config/gates/cloudflare-api-token',
      'export AUTHENTIK_URL=http://authentik.lan:9000        # inside the LAN, not through the tunnel',
    ]);
    expect(blocks.filter(({ mark }) => mark === 'sandbox')).toHaveLength(2);
  });

  it.each(followed)('line $line: $text', async ({ language, text, printed }) => {
    if (language === 'yaml') {
      const name = /^# (\S+)\n/.exec(text)?.[1] ?? '';
      writeFileSync(path.join(directory, 'work', name), text);
      return;
    }
    const answer = await terminal.type(text);
    expect(answer).toMatch(asPrinted(printed ?? ''));
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
