import { setTimeout as sleep } from 'node:timers/promises';
import { makePaint } from '../../report/paint.ts';

/** Tells the story, 80 columns wide; everything it says is readable without colour. */
export interface Narrator {
  title(text: string): Promise<void>;
  /** Begins a numbered scene. */
  scene(title: string): Promise<void>;
  say(text: string): Promise<void>;
  /** A command that somebody types. */
  typed(command: string): Promise<void>;
  /** What a program printed, each line as it is, as far as it fits. */
  quote(lines: readonly string[]): void;
  /** Lines to be copied: whole, however long. */
  copyable(lines: readonly string[]): void;
  /** Rows of cells, below a row of headings where there are any. */
  table(headings: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
}

export interface NarratorOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Milliseconds that a reader gets for each paragraph. */
  readonly pace: number;
  readonly signal: AbortSignal;
}

const WIDTH = 79;
const INDENT = '   ';

export function createNarrator({ write, color, pace, signal }: NarratorOptions): Narrator {
  const paint = makePaint(color);
  const tints: Readonly<Record<string, (text: string) => string>> = {
    '+': paint.good,
    '-': paint.bad,
    '~': paint.warn,
  };
  let titles = 0;
  let scenes = 0;

  const line = (text = '') => write(`${text}\n`.replace(/[ ]+\n/, '\n'));
  const pause = (paragraphs: number) => sleep(pace * paragraphs, undefined, { signal });

  async function title(text: string): Promise<void> {
    if (titles > 0) await pause(3);
    if (titles > 0) line();
    titles += 1;
    line(paint.strong(text));
  }

  return {
    title,
    async scene(text) {
      scenes += 1;
      await title(`${scenes}. ${text}`);
    },
    async say(text) {
      line();
      for (const part of wrap(text)) line(INDENT + part);
      await pause(1);
    },
    async typed(command) {
      line();
      line(`${INDENT}${paint.strong(`$ ${command}`)}`);
      await pause(1);
    },
    quote(lines) {
      for (const text of lines) {
        const tint = tints[text.trimStart()[0] ?? ''] ?? ((plain: string) => plain);
        line(INDENT + tint(clipped(text, WIDTH - INDENT.length)));
      }
    },
    copyable(lines) {
      line();
      for (const text of lines) line(INDENT + text);
    },
    async table(headings, rows) {
      const width = (column: number) =>
        Math.max(...[headings, ...rows].map((row) => row[column]?.length ?? 0));
      const text = (row: readonly string[]) =>
        row.map((cell, column) => cell.padEnd(width(column))).join('   ');
      line();
      if (headings.length > 0) line(INDENT + paint.quiet(text(headings)));
      for (const row of rows) line(INDENT + text(row));
      await pause(2);
    },
  };
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && longer.length <= WIDTH - INDENT.length) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
