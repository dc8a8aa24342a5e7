/** Broken between words; lines after the first begin below its text. Without a width, in one line. */
export function wrapped(text: string, start: string, width: number | undefined): readonly string[] {
  if (width === undefined) return [start + text];
  const lines: string[] = [];
  let line = start;
  for (const word of text.split(' ')) {
    if (line.length > start.length && line.length + word.length > width) {
      lines.push(line.trimEnd());
      line = ' '.repeat(start.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
