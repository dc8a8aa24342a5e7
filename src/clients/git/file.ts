import path from 'node:path';
import { ConfigError } from '../../core/errors.ts';

/** One file of one branch. */
export interface Wanted {
  readonly branch: string;
  /** Path in the repository. */
  readonly file: string;
}

/** The file's bytes, or the reason why this revision has none. */
export type SourceFile = { readonly bytes: Uint8Array } | { readonly error: ConfigError };

/** The largest gates.yaml, in bytes. */
export const MAX_FILE = 1024 * 1024;

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

/** Reads the file of a commit. `git` returns the output of the command. */
export async function readFileOf(
  revision: string,
  { branch, file }: Wanted,
  git: (args: readonly string[]) => Promise<Buffer>,
): Promise<SourceFile> {
  const wanted = pathInRepository(file);
  const entry = await entryOf(revision, wanted, git);
  if (entry === undefined) {
    const way = await wayOf(revision, wanted, git);
    return { error: way ?? mistake(`${file} is not in branch ${branch}`, COMMIT_IT) };
  }
  if (entry.type === 'commit' || entry.mode === SYMLINK || entry.type !== 'blob') {
    return { error: mistake(`${file} is ${sortOf(entry)} in branch ${branch}`, PLAIN) };
  }
  if (entry.size > MAX_FILE) {
    return { error: mistake(`${file} is larger than 1 MiB`, 'Split it over two owners') };
  }
  const bytes = await git(['cat-file', 'blob', entry.object]);
  if (bytes.subarray(0, LFS.length).toString('latin1') === LFS) {
    return { error: mistake(`${file} is a pointer of Git LFS, not the file`, LFS_HINT) };
  }
  return { bytes };
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

async function entryOf(
  revision: string,
  name: string,
  git: (args: readonly string[]) => Promise<Buffer>,
): Promise<Entry | undefined> {
  const tree = await git(['ls-tree', '-z', '-l', '--full-tree', revision, '--', name]);
  const parts = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(tree.toString('utf8'));
  if (parts === null) return undefined;
  const [, mode = '', type = '', object = '', size] = parts;
  return { mode, type, object, size: Number(size) };
}

/** The reason why the path to a missing file ends, unless the file is simply absent. */
async function wayOf(
  revision: string,
  wanted: string,
  git: (args: readonly string[]) => Promise<Buffer>,
): Promise<ConfigError | undefined> {
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
