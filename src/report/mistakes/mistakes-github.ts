import type { Mistake } from '../../core/mistake.ts';
import { besideMain } from '../../core/sources/source-files.ts';
import { alsoWords } from './mistakes-text.ts';

/**
 * Each mistake as a workflow command, which GitHub Actions shows beside the line in the pull request, one on each line.
 * Escaped as `@actions/core` does it (packages/core/src/command.ts).
 */
export function formatGithub(mistakes: readonly Mistake[], file: string): string {
  return mistakes.map((mistake) => `${annotation(mistake, file)}\n`).join('');
}

function annotation(mistake: Mistake, file: string): string {
  const { code, column, hint, line, message, rule, severity } = mistake;
  const place = besideMain(file, mistake.file);
  const properties = {
    file: place,
    line: String(line),
    col: String(column),
    title: `gates: ${code ?? rule}`,
  };
  const written = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)}`);
  const text = `${message}${alsoWords(mistake, file)}${hint === undefined ? '' : `\n${hint}`}`;
  return `::${severity} ${written.join(',')}::${escapedData(text)}`;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
