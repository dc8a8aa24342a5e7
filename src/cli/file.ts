import { readFile } from 'node:fs/promises';
import { formatMistake, type Mistake } from '../config/mistake.ts';
import { ConfigError } from '../core/errors.ts';
import { tell, wantsColor } from './terminal.ts';

/** Over this many bytes a file is refused by the parser; no more than one byte beyond it is read. */
export async function readGatesFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ConfigError(`${file} ${reason}`, { hint: 'Name another with --file', cause });
  }
}

/** Every mistake and warning with its place, on stderr. Returns the number of mistakes that are errors. */
export function tellMistakes(
  mistakes: readonly Mistake[],
  file: string,
  text: Uint8Array,
  color: boolean,
): number {
  const source = new TextDecoder().decode(text);
  const paint = wantsColor(process.stderr, color);
  for (const mistake of mistakes) tell(formatMistake(mistake, file, source, paint));
  return mistakes.filter((mistake) => mistake.severity === 'error').length;
}
