import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { missing, notPlain, type SourceFolder, tooLarge } from '../../core/sources/collect-files.ts';
import type { IncludeRefusal } from '../../core/sources/source-files.ts';

/** The folder of gates.yaml on the disk. It follows no symbolic link, just as the daemon follows none in a commit. */
export function sourceFolder(main: string): SourceFolder {
  const root = path.dirname(main);
  return {
    main: path.basename(main),
    async list(folder) {
      const isFolder = folder === '' || (await refusalOf(root, folder, 'folder')) === undefined;
      // Names that cannot be listed are a mistake of the entry, like a pattern that matches none.
      return isFolder ? readdir(path.join(root, folder)).catch(() => []) : [];
    },
    async read(file, most) {
      const refusal = await refusalOf(root, file, 'file');
      if (refusal !== undefined) return refusal;
      const place = path.join(root, file);
      if ((await lstat(place)).size > most) return tooLarge;
      return readFile(place).catch((): IncludeRefusal => unreadable);
    },
  };
}

const unreadable: IncludeRefusal = { refusal: 'cannot be read', hint: 'let this user read the file' };

/** The reason why the path is not a plain file, or a folder, in plain folders. */
async function refusalOf(
  root: string,
  file: string,
  kind: 'file' | 'folder',
): Promise<IncludeRefusal | undefined> {
  const steps = file.split('/');
  for (const index of steps.keys()) {
    const found = await lstat(path.join(root, ...steps.slice(0, index + 1))).catch(() => undefined);
    if (found === undefined) return missing;
    const isWanted = kind === 'file' && index === steps.length - 1 ? found.isFile() : found.isDirectory();
    if (!isWanted) return notPlain;
  }
  return undefined;
}
