import { setTimeout as sleep } from 'node:timers/promises';
import { makePaint } from '../../report/screen/paint.ts';
import { hanging, laidOut, paragraph } from '../../report/screen/screen.ts';

/** Tells the story at the width of the terminal; every text is readable without color. */
export interface Narrator {
  /** Columns for quoted text: a program that prints for this width prints no line that must wrap. */
  readonly columns: number;
  title(text: string): Promise<void>;
  /** Begins a numbered scene. */
  scene(title: string): Promise<void>;
  say(text: string): Promise<void>;
  /** A command, printed as if a person typed it. */
  typed(command: string): Promise<void>;
  /** Prints the output of a program. A line that does not fit continues below. */
  quote(lines: readonly string[]): void;
  /** Lines for copying, which are never wrapped. */
  copyable(lines: readonly string[]): void;
  /** Rows of cells, below a row of headings if there are any. */
  table(headings: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
}

export interface NarratorOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Milliseconds of reading time for each paragraph. */
  readonly pace: number;
  readonly signal: AbortSignal;
}

const INDENT = '   ';

export function createNarrator({ write, color, width, pace, signal }: NarratorOptions): Narrator {
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
    columns: width - INDENT.length,
    title,
    async scene(text) {
      scenes += 1;
      await title(`${scenes}. ${text}`);
    },
    async say(text) {
      line();
      for (const part of paragraph(text, width, INDENT)) line(part);
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
        for (const part of hanging(INDENT + text, width)) line(tint(part));
      }
    },
    copyable(lines) {
      line();
      for (const text of lines) line(INDENT + text);
    },
    async table(headings, rows) {
      const hasHeadings = headings.length > 0;
      line();
      laidOut(hasHeadings ? [headings, ...rows] : rows, width, INDENT.length).forEach((lines, row) => {
        for (const text of lines) line(hasHeadings && row === 0 ? paint.quiet(text) : text);
      });
      await pause(2);
    },
  };
}
