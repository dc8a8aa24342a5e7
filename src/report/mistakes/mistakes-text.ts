import pc from 'picocolors';
import type { Mistake, Place } from '../../core/mistake.ts';
import { besideMain } from '../../core/sources/source-files.ts';
import { visible } from '../../core/visible.ts';
import { hanging, paragraph } from '../screen/screen.ts';

export interface MistakesForm {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/**
 * A mistake for people: place, severity and code, and what is wrong; its line with a caret; what would be right. It has
 * no final line break. `file` is the name of gates.yaml, and `text` that of the file that has the mistake. Severity and code are readable without color.
 */
export function formatMistake(
  mistake: Mistake,
  file: string,
  text: string,
  { color, width }: MistakesForm,
): string {
  const colors = pc.createColors(color);
  const paint = mistake.severity === 'error' ? colors.red : colors.yellow;
  const label = mistake.code === undefined ? mistake.severity : `${mistake.severity} ${mistake.code}`;
  const place = colors.bold(`${besideMain(file, mistake.file)}:${mistake.line}:${mistake.column}`);
  const number = String(mistake.line);
  const margin = ' '.repeat(number.length);
  const lines = [
    ...hanging(`${place} ${paint(label)} ${visible(mistake.message)}${alsoWords(mistake, file)}`, width),
  ];
  const room = Math.max(width - margin.length - 5, 20);
  const { shown, caret } = excerpt(lineOf(text, mistake.line), mistake.column, room);
  // A line with a mistake may be one of a private key.
  const hidden = mistake.secret === true || text.includes('PRIVATE KEY');
  if (shown.trim() !== '' && !hidden) {
    lines.push(colors.dim(`  ${number} | `) + shown);
    lines.push(`${colors.dim(`  ${margin} | `)}${' '.repeat(caret)}${paint('^')}`);
  }
  if (mistake.hint !== undefined) lines.push(...paragraph(visible(mistake.hint), width, `  ${margin} = `));
  return lines.join('\n');
}

/** ` (also on lines 28 and 33)`; empty if the mistake has only one place. `main` is the name of gates.yaml. */
export function alsoWords({ also = [], file, line }: Mistake, main: string): string {
  if (also.some((place) => place.file !== file)) return alsoPlaces(also, main);
  const others = [...new Set(also.map((place) => place.line))].filter((other) => other !== line);
  const shown = others.slice(0, 5).map(String);
  if (others.length > shown.length) shown.push(`${others.length - shown.length} more`);
  if (shown.length === 0) return '';
  return ` (also on line${shown.length === 1 ? '' : 's'} ${joined(shown)})`;
}

/** ` (also at home/dns.yaml:3 and 2 more)`, for places in several files. */
function alsoPlaces(also: readonly Place[], main: string): string {
  const places = also.map((place) => `${besideMain(main, place.file)}:${place.line}`);
  const shown = places.slice(0, 5);
  if (places.length > shown.length) shown.push(`${places.length - shown.length} more`);
  return ` (also at ${joined(shown)})`;
}

/** `28, 33 and 2 more`. */
function joined(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The part of a long line around the column, at most `room` characters, and the place of the caret below it. */
function excerpt(line: string, column: number, room: number): { shown: string; caret: number } {
  const index = Math.min(column - 1, line.length);
  if (line.length <= room) return { shown: visible(line), caret: index };
  // Either side or both may be cut, with one ellipsis for each cut.
  const most = room - 2;
  const start = Math.max(0, Math.min(index - Math.floor(most / 2), line.length - most));
  const before = start > 0 ? '…' : '';
  const after = start + most < line.length ? '…' : '';
  const shown = before + visible(line.slice(start, start + most)) + after;
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
