import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../core/errors.ts';

/** A file to write. `replaces`: it has what the existing file has, and more. */
export interface NewFile {
  readonly file: string;
  readonly text: string;
  readonly replaces?: true;
}

/**
 * Writes all files, or leaves the folder as it was. Each appears with its complete text.
 * @throws ConfigError for a file that somebody made meanwhile, and errors of the file system.
 */
export function writeAll(folder: string, files: readonly NewFile[]): void {
  const draft = mkdtempSync(path.join(folder, '.gates-init-'));
  const undo: (() => void)[] = [];
  try {
    const drafted = files.map(({ file, text, replaces }, index) => {
      const from = path.join(draft, String(index));
      writeFileSync(from, text);
      return { from, to: path.join(folder, file), replaces };
    });
    for (const { from, to, replaces } of drafted) {
      const made = firstMissing(path.dirname(to));
      if (made !== undefined) {
        mkdirSync(path.dirname(to), { recursive: true });
        undo.push(() => rmSync(made, { recursive: true }));
      }
      if (!existsSync(to)) {
        undo.push(() => rmSync(to, { force: true }));
      } else if (replaces === true) {
        const before = `${from}-before`;
        renameSync(to, before);
        undo.push(() => renameSync(before, to));
      } else {
        throw new ConfigError(`${to} exists`, { hint: 'Nothing was written' });
      }
      renameSync(from, to);
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The topmost folder of a path that does not exist yet. */
function firstMissing(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  return firstMissing(path.dirname(folder)) ?? folder;
}
