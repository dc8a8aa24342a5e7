// Makes a recording of the demo: its text without the parts that differ from run to run, and an animated SVG of it. The
// SVG has no script, because GitHub runs none. CSS moves the lines up step by step, as a terminal does.
import { createHash } from 'node:crypto';
import wrapAnsi from 'wrap-ansi';

/** Columns and rows of the terminal in the picture. */
export const COLUMNS = 80;
export const ROWS = 28;

/** Pixels. Characters of the common monospace fonts are 0.55 to 0.602 of their size wide: 8.43 at most. */
const FONT = 14;
const CELL = { width: 8.5, height: 18 };
const MARGIN = 16;
const TITLE = 36;

/** Seconds: for each line that appears, to read a paragraph, for each of its words, and at the end. */
const PACE = { line: 0.06, paragraph: 0.4, word: 0.04, end: 8 };

/** Precedes each line of the demo's paragraphs. */
const INDENT = '   ';

const ESCAPE = '\u001b';

/** Precedes the demo's own lines. */
const PROMPT = `${ESCAPE}[1m$ gates demo${ESCAPE}[22m`;

/**
 * The parts that differ from run to run, with their replacements. Ids get others of the same form, times get `…`.
 * @type {readonly (readonly [RegExp, string])[]}
 */
const VARIABLE = [
  [new RegExp(` +(?=(?:${ESCAPE}\\[\\d+m)*$)`, 'gm'), ''],
  [/(applied in) [\d.]+ \w+/g, '$1 … s'],
  [/guarded for .+; answered in .+ ago$/gm, 'guarded for … s; answered in … ms … s ago'],
  [/read (?:just now|\d+ \w+ ago), has mistakes/g, 'read just now, has mistakes'],
  [/(\n {3}time +)[\d.]+ \w+/g, '$1… s'],
  // A long path goes to a line of its own.
  [/\{ file:[^}]*\/gates-demo-\w+\/([^}\s]+)/g, '{ file: /tmp/gates-demo-…/$1'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:8421'],
  [/\bseed \d+/g, 'seed …'],
  [/each of [\d,]+ writes/g, 'each of … writes'],
  [/client_id=\w+/g, 'client_id='],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '6f1c2ab4-3d5e-4a78-9b0c-1d2e3f405162'],
];

/**
 * The demo's output without differences between runs: other commit ids, in order of appearance. Colors stay.
 * @param {string} output
 */
export function stableText(output) {
  /** @type {string[]} */
  const commits = [];
  const named = output
    .replaceAll('\r\n', '\n')
    .replace(/(?<=(?:gates: |[Rr]evision ))[0-9a-f]{8}\b/g, (id) => {
      if (!commits.includes(id)) commits.push(id);
      return createHash('sha1')
        .update(`commit ${commits.indexOf(id)}`)
        .digest('hex')
        .slice(0, 8);
    });
  const stable = VARIABLE.reduce((text, [found, instead]) => text.replace(found, instead), named);
  // If a time was a digit longer, the following words moved to the next line.
  return stable.replace(/(?<=\n\n) {3}gates: .*?(?=\n\n)/gs, (paragraph) =>
    wrapAnsi(paragraph.trim().replace(/\s+/g, ' '), COLUMNS - INDENT.length).replace(/^/gm, INDENT),
  );
}

/** @param {string} text */
const withoutColors = (text) => text.replaceAll(new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g'), '');

/** The class of a part of a line, by the code that begins it; 22 and 39 end it. */
const CLASSES = new Map([
  ['1', 'b'],
  ['2', 'd'],
  ['31', 'r'],
  ['32', 'g'],
  ['33', 'y'],
]);

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * A line with its colors as tspans. Throws at an unknown color code.
 * @param {string} line
 */
function tinted(line) {
  const [first = '', ...parts] = line.split(`${ESCAPE}[`);
  return parts.reduce((drawn, part) => {
    const [, code = '', text = ''] = part.match(/^(\d+)m(.*)$/s) ?? [];
    const name = CLASSES.get(code);
    if (name === undefined && code !== '22' && code !== '39') {
      throw new Error(`the demo prints a code that a recording does not know: ${JSON.stringify(part)}`);
    }
    if (text === '') return drawn;
    return drawn + (name === undefined ? escaped(text) : `<tspan class="${name}">${escaped(text)}</tspan>`);
  }, escaped(first));
}

/**
 * Seconds after which each line appears, and after which the recording starts again. A paragraph appears line by line,
 * and stays for as long as skimming it takes.
 * @param {readonly string[]} lines
 */
function timesOf(lines) {
  let now = PACE.paragraph;
  let words = 0;
  const times = lines.map((line, index) => {
    const text = withoutColors(line).trim();
    const isEnd = text === '' && words > 0;
    now += PACE.line + (isEnd ? PACE.paragraph + PACE.word * words : 0);
    words = isEnd ? 0 : words + text.split(/\s+/).length;
    return index === 0 ? 0 : now;
  });
  return { times, end: now + PACE.end };
}

/**
 * The animated picture of a terminal that prints the text: its last row is always the newest line. It shows only the
 * end if the reader's system asks for less motion, or if CSS does not run.
 * @param {string} stable as {@link stableText} returns it
 */
export function recordingOf(stable) {
  const lines = [PROMPT, '', ...stable.trimEnd().split('\n')];
  const { times, end } = timesOf(lines);
  const [width, height] = [COLUMNS * CELL.width + 2 * MARGIN, ROWS * CELL.height + TITLE + MARGIN];
  /** @param {number} shown the number of lines that are visible */
  const move = (shown) => `transform:translateY(${(ROWS - shown) * CELL.height}px)`;
  const frames = times.map((time, index) => `${((100 * time) / end).toFixed(3)}%{${move(index + 1)}}`);
  const texts = lines.flatMap((line, index) =>
    withoutColors(line).trim() === ''
      ? []
      : [`<text y="${(index + 1) * CELL.height - 5}">${tinted(line)}</text>`],
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">A recording of gates demo</title>
<style>
text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#c9d1d9;white-space:pre}
.b{font-weight:700;fill:#f0f6fc}.d{fill:#9aa4af}.g{fill:#7ee787}.r{fill:#ffa198}.y{fill:#e3b341}
.lines{${move(lines.length)};animation:play ${end.toFixed(1)}s step-end infinite}
@media (prefers-reduced-motion:reduce){.lines{animation:none}}
@keyframes play{
${frames.join('\n')}
}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="#161b22" stroke="#6e7681"/>
<g fill="#6e7681"><circle cx="20" cy="18" r="5"/><circle cx="38" cy="18" r="5"/><circle cx="56" cy="18" r="5"/></g>
<svg x="${MARGIN}" y="${TITLE}" width="${width - 2 * MARGIN}" height="${ROWS * CELL.height}"><g class="lines" xml:space="preserve">
${texts.join('\n')}
</g></svg>
</svg>
`;
}

/**
 * The text of a recording without colors and without the prompt, to compare it with the demo's output.
 * @param {string} svg as {@link recordingOf} returns it
 */
export function textOfRecording(svg) {
  /** @type {string[]} */
  const lines = [];
  for (const [, y, drawn = ''] of svg.matchAll(/^<text y="(\d+)">(.*)<\/text>$/gm)) {
    const text = drawn
      .replace(/<[^>]+>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>');
    lines[(Number(y) + 5) / CELL.height - 1] = text.replaceAll('&amp;', '&');
  }
  const [, , ...printed] = Array.from(lines, (line) => line ?? '');
  return `${printed.join('\n')}\n`;
}
