import { parseConfig } from '../config/parse-config.ts';
import { readGatesFile, tellMistakes } from './file.ts';
import { tell } from './terminal.ts';

export interface ValidateOptions {
  readonly file: string;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** Reads the file and nothing else. 0, or 1 with mistakes; warnings are told and do not count. */
export async function validate({ file, color, quiet }: ValidateOptions): Promise<number> {
  const text = await readGatesFile(file);
  const read = parseConfig(text);
  const errors = tellMistakes(read.ok ? read.parsed.warnings : read.mistakes, file, text, color);
  if (!read.ok) {
    tell(errors === 1 ? `${file} has 1 mistake` : `${file} has ${errors} mistakes`);
    return 1;
  }
  if (!quiet) tell(`${file} is valid`);
  return 0;
}
