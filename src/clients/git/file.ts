import path from 'node:path';
import { ConfigError } from '../../core/errors.ts';
import {
  collectFiles,
  MAX_BYTES,
  missing,
  notPlain,
  type SourceFolder,
  tooLarge,
} from '../../core/sources/collect-files.ts';

/** gates.yaml of one branch. */
export interface Wanted {
  readonly branch: string;
  /** Path in the repository. */
  readonly file: string;
  readonly includeEntries?: (main: Uint8Array) => readonly string[];
}

/** Runs git and returns its output. */
type Git = (args: readonly string[]) => Promise<Buffer>;

/** The bytes of the file, packed with those that it includes, or the reason why this revision has none. */
export type SourceFile = { readonly bytes: Uint8Array } | { readonly error: ConfigError };

/** The first line of the text that Git LFS stores in place of a file. */
const LFS = 'version https://git-lfs.github.com/spec/';
const SYMLINK = '120000';

/** The path of the file as git's trees write it. Throws ConfigError for a path that leads out of the repository. */
export function pathInRepository(file: string): string {
  const normal = path.posix.normalize(file);
  if (file === '' || /^\.?$|^\/|^\.\.(\/|$)|\p{Cc}/u.test(normal)) {
    throw new ConfigError('The file is not a path in the repository', {
      hint: 'Set GATES_FILE as seen from the top of the repository, for example gates.yaml or home/gates.yaml',
    });
  }
  return normal;
}

/** Reads the file of a commit, and the files that it includes. */
export async function readFileOf(
  revision: string,
  { branch, file, includeEntries = () => [] }: Wanted,
  git: Git,
): Promise<SourceFile> {
  const wanted = pathInRepository(file);
  const entry = await entryOf(revision, wanted, git);
  if (entry === undefined) {
    const way = await wayOf(revision, wanted, git);
    return { error: way ?? mistake(`${file} is not in branch ${branch}`, COMMIT_IT) };
  }
  if (!isPlain(entry)) {
    return { error: mistake(`${file} is ${sortOf(entry)} in branch ${branch}`, PLAIN) };
  }
  if (entry.size > MAX_BYTES) {
    return { error: mistake(`${file} is larger than 1 MiB`, 'Split it over two owners') };
  }
  const main = await git(['cat-file', 'blob', entry.object]);
  if (isPointer(main)) return { error: mistake(`${file} is a pointer of Git LFS, not the file`, LFS_HINT) };
  return { bytes: await collectFiles(main, includeEntries(main), folderOf(revision, wanted, git)) };
}

/** The folder of gates.yaml in a commit. */
function folderOf(revision: string, wanted: string, git: Git): SourceFolder {
  const folder = wanted.slice(0, wanted.lastIndexOf('/') + 1);
  return {
    main: wanted.slice(folder.length),
    async list(below) {
      const place = `${folder}${below === '' ? '' : `${below}/`}`;
      const tree = await git(['ls-tree', '-z', '--name-only', '--full-tree', revision, ...pathsOf(place)]);
      const paths = tree.toString('utf8').split('\0');
      return paths.filter((name) => name !== '').map((name) => name.slice(place.length));
    },
    async read(file, most) {
      const entry = await entryOf(revision, `${folder}${file}`, git);
      if (entry === undefined) {
        const way = await wayOf(revision, `${folder}${file}`, git);
        return way === undefined ? missing : notPlain;
      }
      if (!isPlain(entry)) return notPlain;
      if (entry.size > most) return tooLarge;
      const bytes = await git(['cat-file', 'blob', entry.object]);
      return isPointer(bytes) ? { refusal: 'is a pointer of Git LFS', hint: LFS_HINT } : bytes;
    },
  };
}

/** The arguments for the entries of a folder; without any, git lists the top of the repository. */
function pathsOf(place: string): readonly string[] {
  return place === '' ? [] : ['--', place];
}

function isPlain({ type, mode }: Entry): boolean {
  return type === 'blob' && mode !== SYMLINK;
}

function isPointer(bytes: Buffer): boolean {
  return bytes.subarray(0, LFS.length).toString('latin1') === LFS;
}

const COMMIT_IT = 'Commit the file, or set GATES_FILE to its path in the repository';
const PLAIN = 'Commit it as a plain file: a folder, a submodule or a symbolic link is not followed';
const LFS_HINT =
  'Take it out of .gitattributes, run git add --renormalize on it, and commit: what LFS holds is not fetched';

interface Entry {
  readonly mode: string;
  readonly type: string;
  readonly object: string;
  /** Bytes; NaN for an entry without a size. */
  readonly size: number;
}

async function entryOf(revision: string, name: string, git: Git): Promise<Entry | undefined> {
  const tree = await git(['ls-tree', '-z', '-l', '--full-tree', revision, '--', name]);
  const parts = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(tree.toString('utf8'));
  if (parts === null) return undefined;
  const [, mode = '', type = '', object = '', size] = parts;
  return { mode, type, object, size: Number(size) };
}

/** The reason why the path to a missing file ends, unless the file is simply absent. */
async function wayOf(revision: string, wanted: string, git: Git): Promise<ConfigError | undefined> {
  const steps = wanted.split('/').slice(0, -1);
  for (const index of steps.keys()) {
    const folder = steps.slice(0, index + 1).join('/');
    const entry = await entryOf(revision, folder, git);
    if (entry === undefined) return undefined;
    if (entry.type === 'tree') continue;
    return mistake(
      `${wanted} cannot be read: ${folder} is ${sortOf(entry)}`,
      'Keep the file in this very repository, in plain folders: a submodule or a symbolic link is not followed',
    );
  }
  return undefined;
}

function sortOf({ mode, type }: Entry): string {
  if (type === 'commit') return 'a submodule';
  if (mode === SYMLINK) return 'a symbolic link';
  return type === 'tree' ? 'a folder' : 'a file';
}

function mistake(message: string, hint: string): ConfigError {
  return new ConfigError(message, { hint });
}
