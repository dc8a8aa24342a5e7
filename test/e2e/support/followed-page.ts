import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { collect } from './processes.ts';

/** A fenced block of a page, with the output that the page states. */
export interface Block {
  readonly line: number;
  readonly language: string;
  /** The label of the block: `real` only for an account, `sandbox` only for the sandbox, `second` in a second shell. */
  readonly mark: string;
  /** The reason why no test runs it, from a comment above the block: `<!-- not run: REASON -->`. */
  readonly notRun?: string;
  readonly text: string;
  readonly printed: string | undefined;
}

const fenced =
  /(?:^ *<!-- not run: (?<notRun>[^\n]+) -->\n)?^(?<indent> *)```(?<language>[a-z]+)(?: (?<mark>[a-z]+))?\n(?<inside>.*?)^\k<indent>```$/gms;

export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const found of page.matchAll(fenced)) {
    const { notRun, indent = '', language = '', mark = '', inside = '' } = found.groups ?? {};
    const text = inside.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const before = page.slice(0, found.index).split('\n').length;
    const line = notRun === undefined ? before : before + 1;
    const why = notRun === undefined ? {} : { notRun };
    const last = blocks.at(-1);
    // A text block away from any other block states no output.
    const isPrinted = language === 'text' && page.slice(0, found.index).endsWith('```\n');
    if (language === 'text' && !isPrinted) continue;
    if (!isPrinted) blocks.push({ line, language, mark, text, printed: undefined, ...why });
    else if (last === undefined) throw new Error(`line ${line} says what is printed, and by nothing`);
    else blocks[blocks.length - 1] = { ...last, printed: text };
  }
  return blocks;
}

/** A pattern for printed text: `…` matches anything within a line, and alone on a line any number of lines. */
export function asPrinted(text: string): RegExp {
  const lines = text === '' ? [] : text.trimEnd().split('\n');
  const pattern = lines.map((line) =>
    line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(literally).join('.+?')} *\\n`,
  );
  return new RegExp(`^${pattern.join('')}$`);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A step of a page, with its heading. */
export interface Step {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly rows: readonly Row[];
}

/** A row of a table with the columns "it says" and "do". */
export interface Row {
  /** The printed texts that the first column quotes; none if it only describes them. */
  readonly says: readonly string[];
  readonly does: string;
  /** The first column. */
  readonly name: string;
}

export function stepsOf(page: string): readonly Step[] {
  const [, ...sections] = page.split(/^## /m);
  return sections.map((section) => {
    const [, table = ''] = section.split('| it says | do |\n| --- | --- |\n');
    const rows = [...table.matchAll(/^\| (.+?) \| (.+) \|$/gm)].map(([, name = '', does = '']) => {
      const quotes = /^(`[^`]+`(, )?)+$/.test(name) ? [...name.matchAll(/`([^`]+)`/g)] : [];
      return { name, does, says: quotes.map(([, text = '']) => text) };
    });
    return { title: section.split('\n')[0] ?? '', blocks: blocksOf(section), rows };
  });
}

/** A terminal: variables of one block stay set for the next. Its output has both streams, as a person sees them. */
export class Terminal {
  private readonly shell: ChildProcess;
  private readonly printed: () => string;
  private seen = 0;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.shell = spawn('bash', ['--noprofile', '--norc'], { cwd, env });
    this.shell.stdin?.write('exec 2>&1\n');
    this.printed = collect(this.shell.stdout);
  }

  /** Types the text, and returns its output once it has ended. */
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

/** The place where a test follows a page: `gates` is on the PATH, and the working folder is empty. */
export interface Desk {
  /** The empty working folder. */
  readonly work: string;
  readonly env: Readonly<Record<string, string>>;
}

export function deskIn(directory: string): Desk {
  const [bin, work] = [path.join(directory, 'bin'), path.join(directory, 'work')];
  mkdirSync(bin);
  mkdirSync(work);
  const program = path.resolve(import.meta.dirname, '../../../dist/gates.js');
  const run = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(path.join(bin, 'gates'), run, { mode: 0o755 });
  // These ports are free, whatever else runs on this machine.
  const listening = { GATES_LISTEN: '127.0.0.1:0', GATES_HOOKS_LISTEN: '127.0.0.1:0' };
  const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: directory, NO_COLOR: '1', ...listening };
  return { work, env };
}

/** Follows a block: writes a file, or types everything else. Returns the output. */
export async function follow({ language, text }: Block, terminal: Terminal, { work }: Desk): Promise<string> {
  if (language !== 'yaml') return terminal.type(text);
  const name = /^# (\S+)\n/.exec(text)?.[1] ?? '';
  writeFileSync(path.join(work, name), text);
  return '';
}
