import pc from 'picocolors';
import type { Mistake } from '../../core/mistake.ts';
import { visible } from '../../core/visible.ts';
import { hanging, paragraph } from '../screen/screen.ts';

export interface MistakesForm {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/**
 * A mistake for people: place, severity and code, and what is wrong; its line with a caret; what would be right. It has
 * no final line break. Severity and code are readable without color.
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
  const place = colors.bold(`${file}:${mistake.line}:${mistake.column}`);
  const number = String(mistake.line);
  const margin = ' '.repeat(number.length);
  const lines = [
    ...hanging(`${place} ${paint(label)} ${visible(mistake.message)}${alsoWords(mistake)}`, width),
  ];
  const room = Math.max(width - margin.length - 5, 20);
  const { shown, caret } = excerpt(lineOf(text, mistake.line), mistake.column, room);
  if (shown.trim() !== '' && mistake.secret === undefined) {
    lines.push(colors.dim(`  ${number} | `) + shown);
    lines.push(`${colors.dim(`  ${margin} | `)}${' '.repeat(caret)}${paint('^')}`);
  }
  if (mistake.hint !== undefined) lines.push(...paragraph(visible(mistake.hint), width, `  ${margin} = `));
  return lines.join('\n');
}

/** ` (also on lines 28 and 33)`; empty if the mistake has only one place. */
export function alsoWords({ also = [], line }: Mistake): string {
  const others = [...new Set(also.map((place) => place.line))].filter((other) => other !== line);
  const shown = others.slice(0, 5).map(String);
  if (others.length > shown.length) shown.push(`${others.length - shown.length} more`);
  const last = shown.pop();
  if (last === undefined) return '';
  if (shown.length === 0) return ` (also on line ${last})`;
  return ` (also on lines ${shown.join(', ')} and ${last})`;
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
