import { mistakeRules } from '../../config/mistake-rules.ts';
import type { Mistake } from '../../core/mistake.ts';
import { checkedFile } from '../../expect/checked-config.ts';
import { formatGithub } from '../../report/mistakes/mistakes-github.ts';
import { validationDocument } from '../../report/mistakes/mistakes-json.ts';
import { sarifDocument } from '../../report/mistakes/mistakes-sarif.ts';
import { fileInRepository, readGatesFile, tellMistakes } from '../surroundings/file.ts';
import { print, printJson, tell } from '../surroundings/terminal.ts';
import { version } from '../surroundings/version.ts';

export interface ValidateOptions {
  readonly file: string;
  readonly output: 'text' | 'json' | 'github' | 'sarif';
  readonly color: boolean;
  readonly quiet: boolean;
}

/** Checks only the file. Returns 0, or 1 if it has mistakes; warnings are reported and do not count. */
export async function validate(options: ValidateOptions): Promise<number> {
  const text = await readGatesFile(options.file);
  const read = checkedFile(text);
  const mistakes = read.ok ? read.warnings : read.mistakes;
  if (options.output === 'text') tellVerdict(mistakes, text, options);
  else printMistakes(mistakes, options);
  return read.ok ? 0 : 1;
}

function tellVerdict(
  mistakes: readonly Mistake[],
  text: Uint8Array,
  { color, file, quiet }: ValidateOptions,
): void {
  const errors = tellMistakes(mistakes, file, text, color);
  if (errors > 0) tell(errors === 1 ? `${file} has 1 mistake` : `${file} has ${errors} mistakes`);
  else if (!quiet) tell(`${file} is valid`);
}

function printMistakes(mistakes: readonly Mistake[], { file, output }: ValidateOptions): void {
  if (output === 'json') printJson(validationDocument(mistakes, file));
  else if (output === 'github') print(formatGithub(mistakes, fileInRepository(file)));
  else printJson(sarifDocument(mistakes, fileInRepository(file), { version, rules: mistakeRules }));
}
