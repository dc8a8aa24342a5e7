import pc from 'picocolors';

/** Keys and list indexes from the top of the file. */
export type Path = readonly (string | number)[];

/** 1-based; a column counts UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong, said with the keys that lead to it; its place in the text comes later. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** An invariant, `G106`. */
  readonly code?: string;
  readonly path: Path;
  /** Whether the key or the value is wrong; by default the value, and the key of a map or list. */
  readonly part?: 'key' | 'value';
  /** The value may be a secret written where only its source belongs: neither it nor its line is shown. */
  readonly secret?: true;
  /** A key that should stand below the path and does not. */
  readonly absent?: string;
  /** The path ends in a key that means nothing: without it the rest can be read. */
  readonly unknown?: true;
  readonly message: string;
  /** What would be right. */
  readonly hint?: string;
}

/** Something that is wrong, with its place in the text. */
export interface Mistake extends Place {
  readonly severity: 'error' | 'warning';
  readonly code?: string;
  readonly message: string;
  readonly hint?: string;
  /** The line may hold a secret and is not shown. */
  readonly secret?: true;
  /** `services.grafana.gate`; empty where no key leads there. */
  readonly path: string;
}

/** Words for a value out of the file: quoted, short, and without anything a terminal would act on. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return visible(text.length > 80 ? `${text.slice(0, 77)}…` : text);
}

/** `services.grafana.paths["/api/health"]`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${quoted(key)}]`;
  }
  return text;
}

/**
 * A mistake for people: place, severity and code, what is wrong; the line it is on with a caret; what would be
 * right. Ends without a line break. Severity and code are readable without colour.
 */
export function formatMistake(mistake: Mistake, file: string, text: string, color = false): string {
  const colors = pc.createColors(color);
  const paint = mistake.severity === 'error' ? colors.red : colors.yellow;
  const label = mistake.code === undefined ? mistake.severity : `${mistake.severity} ${mistake.code}`;
  const head = `${colors.bold(`${file}:${mistake.line}:${mistake.column}`)} ${paint(label)} ${visible(mistake.message)}`;
  const { shown, caret } = excerpt(lineOf(text, mistake.line), mistake.column);
  const number = String(mistake.line);
  const margin = ' '.repeat(number.length);
  const lines = [head];
  if (shown.trim() !== '' && mistake.secret === undefined) {
    lines.push(colors.dim(`  ${number} | `) + shown);
    lines.push(`${colors.dim(`  ${margin} | `)}${' '.repeat(caret)}${paint('^')}`);
  }
  if (mistake.hint !== undefined) lines.push(`  ${margin} = ${visible(mistake.hint)}`);
  return lines.join('\n');
}

const WIDTH = 120;

/** The part of a long line around the column, and where the caret goes below it. */
function excerpt(line: string, column: number): { shown: string; caret: number } {
  const index = Math.min(column - 1, line.length);
  if (line.length <= WIDTH) return { shown: visible(line), caret: index };
  const start = Math.max(0, Math.min(index - WIDTH / 2, line.length - WIDTH));
  const before = start > 0 ? '…' : '';
  const after = start + WIDTH < line.length ? '…' : '';
  const shown = before + visible(line.slice(start, start + WIDTH)) + after;
  return { shown, caret: index - start + before.length };
}

function lineOf(text: string, line: number): string {
  let start = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) return '';
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

/** One character for each that a terminal would act on or not show, so that columns stay true. */
function visible(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u00b7');
}
