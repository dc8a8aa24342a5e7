import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns of a line if the stream does not say: in a pipe, in a log, on a terminal that reports 0. */
const DEFAULT_WIDTH = 80;

/** The least width of a table's last column. With less room the column goes below the others. */
const NARROWEST_COLUMN = 24;

/** Columns of a stream: those of its terminal, or 80. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns === 0 ? DEFAULT_WIDTH : columns;
}

/**
 * `text` after `lead`, as lines of at most `width` columns. It breaks only between words, and within a word that is
 * longer than a line. Later lines begin below the text: `lead` may be colored, or contain a sign.
 */
export function paragraph(text: string, width: number, lead = ''): readonly string[] {
  const indent = stringWidth(lead);
  const longest = Math.max(0, ...text.split(' ').map((word) => stringWidth(word)));
  // If a lead leaves no room for a word that fits into a line, it gets a line of its own.
  if (indent > 0 && longest > width - indent && (indent >= width || longest <= width)) {
    const below = paragraph(text, width, ' '.repeat(Math.max(0, Math.min(indent - 1, 2, width - longest))));
    return lead.trim() === '' ? below : [...wrapped(lead.trimEnd(), width), ...below];
  }
  const [first = '', ...rest] = wrapped(text, width - indent);
  return [lead + first, ...rest.map((line) => (line === '' ? '' : ' '.repeat(indent) + line))];
}

function wrapped(text: string, width: number): readonly string[] {
  return wrapAnsi(text, width, { hard: true, trim: true }).split('\n');
}

/** An indented line, wrapped; later lines have an indent of two more. */
export function hanging(line: string, width: number): readonly string[] {
  const text = line.trimStart();
  const indent = line.length - text.length;
  const [first = '', ...rest] = paragraph(text, width - 2, ' '.repeat(indent));
  return [first, ...rest.map((one) => `  ${one}`)];
}

/** The lines of all rows of `laidOut`. */
export function table(rows: readonly (readonly string[])[], width: number): readonly string[] {
  return laidOut(rows, width).flat();
}

/**
 * The lines of each row: its cells in columns, two spaces apart and indented. The last column takes the rest of the
 * width and wraps; if that is too narrow, it goes below its row, with an indent of two more.
 */
export function laidOut(
  rows: readonly (readonly string[])[],
  width: number,
  indent = 2,
): readonly (readonly string[])[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: Math.max(0, count - 1) }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const lead = indent + widths.reduce((sum, each) => sum + each + 2, 0);
  const room = width - lead;
  const isStacked = room < NARROWEST_COLUMN && rows.some((row) => stringWidth(row[count - 1] ?? '') > room);
  return rows.map((row) => {
    const last = row[count - 1] ?? '';
    if (isStacked) return stacked(row.slice(0, -1), last, { width, indent });
    const cells = widths.map((wide, column) => `${padded(row[column] ?? '', wide)}  `);
    return paragraph(last, width, `${' '.repeat(indent)}${cells.join('')}`).map((line) => line.trimEnd());
  });
}

function stacked(
  cells: readonly string[],
  last: string,
  { width, indent }: { readonly width: number; readonly indent: number },
): readonly string[] {
  const head = cells.filter((cell) => cell !== '').join('  ');
  return [
    ...(head === '' ? [] : paragraph(head, width, ' '.repeat(indent))),
    ...(last === '' ? [] : paragraph(last, width, ' '.repeat(indent + 2))),
  ];
}

/** The text padded to `width` columns, whatever colors and wide characters it contains. */
function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
