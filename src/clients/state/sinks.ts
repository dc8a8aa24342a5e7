import { lstat } from 'node:fs/promises';
import { UnsafeError } from '../../core/errors.ts';
import type { Secret, Sinks } from '../../core/world.ts';
import { isOwnFile } from './own-files.ts';
import { PRIVATE_MODE, readOptionalFile, writePrivateFile } from './private-file.ts';

/**
 * Files of `NAME=value` lines in the file system, mode 0600, each replaced completely. Never one of `own`, files and
 * folders of gates itself, except below `secrets`, a folder for delivered files; and never through a link.
 */
export const fileSinks = (own: readonly string[], secrets: string): Sinks => ({
  async holds(file, lines) {
    const data = await readOptionalFile(file);
    if (data === undefined || data.toString('utf8') !== textOf(lines)) return false;
    const place = await lstat(file);
    return place.isFile() && (place.mode & 0o777) === PRIVATE_MODE;
  },
  async write(file, lines) {
    if ((await isOwnFile(file, own)) && !(await isOwnFile(file, [secrets]))) {
      throw new UnsafeError('A secret is not delivered into a file of gates itself', {
        hint: `Name another file than ${file}, such as one in ${secrets}`,
      });
    }
    if ((await lstat(file).catch(() => undefined))?.isSymbolicLink() === true) {
      throw new UnsafeError('A secret is not delivered through a symbolic link', {
        hint: `Remove the link at ${file}, or name the file that it leads to`,
      });
    }
    await writePrivateFile(file, textOf(lines)).catch((cause) => {
      throw new UnsafeError('A secret cannot be delivered', {
        hint: `See to it that ${file} can be written`,
        facts: { detail: cause instanceof Error && 'code' in cause ? String(cause.code) : '' },
        cause,
      });
    });
  },
});

function textOf(lines: Secret): string {
  return Object.entries(lines)
    .map(([name, value]) => {
      if (/[\r\n]/.test(value)) {
        throw new UnsafeError('A secret of several lines has no place in a file of NAME=value lines', {
          hint: `Leave ${name} out of the names of this file`,
        });
      }
      return `${name}=${value}\n`;
    })
    .join('');
}
