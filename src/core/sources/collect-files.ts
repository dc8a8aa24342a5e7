import { isGlob, MAX_PATTERNS, matchesPattern, patternRefusal, splitPattern } from './include-pattern.ts';
import { type IncludedFile, type IncludeRefusal, packFiles } from './source-files.ts';

/** The folder of gates.yaml, on a disk or in a commit. Paths are relative to it. */
export interface SourceFolder {
  /** Name of gates.yaml itself, which no file includes. */
  readonly main: string;
  /** Names in a folder; none if it is missing or not a plain folder. Rejects if it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** A plain file of at most `most` bytes, or the reason why it is not included. Rejects if it cannot be read. */
  read(file: string, most: number): Promise<Uint8Array | IncludeRefusal>;
}

/** The most bytes of all files together. 10,000 services take about this much. */
export const MAX_BYTES = 1024 * 1024;
/** The most included files. */
const MAX_FILES = 500;

/** gates.yaml, packed with the files that the entries of its `include` name, in the order of their names. */
export async function collectFiles(
  main: Uint8Array,
  entries: readonly string[],
  folder: SourceFolder,
): Promise<Uint8Array> {
  const patterns = entries.slice(0, MAX_PATTERNS).filter((entry) => patternRefusal(entry) === undefined);
  const names = await namesOf(patterns, folder);
  const included: IncludedFile[] = [];
  let room = MAX_BYTES - main.byteLength;
  for (const [index, file] of names.entries()) {
    const read = index < MAX_FILES ? await folder.read(file, room) : tooMany;
    if ('refusal' in read) {
      included.push({ file, ...read });
      // Further files cannot make it right, and reading them would take long.
      if (index >= MAX_FILES) break;
    } else {
      room -= read.byteLength;
      included.push({ file, bytes: read });
    }
  }
  return packFiles({ main, patterns, included });
}

const tooMany: IncludeRefusal = {
  refusal: `is one of more than ${MAX_FILES} included files`,
  hint: 'put several entries into one file',
};

export const missing: IncludeRefusal = {
  refusal: 'does not exist',
  hint: 'commit the file, or remove the entry',
};

export const notPlain: IncludeRefusal = {
  refusal: 'is not a plain file in plain folders',
  hint: 'commit it as one: a folder, a submodule or a symbolic link is not followed',
};

/** A file that is larger than the rest of {@link MAX_BYTES}. */
export const tooLarge: IncludeRefusal = {
  refusal: 'makes all files together larger than 1 MiB',
  hint: 'split them between two owners, each with a gates.yaml',
};

async function namesOf(patterns: readonly string[], folder: SourceFolder): Promise<readonly string[]> {
  const names = new Set<string>();
  const folders = new Map<string, readonly string[]>();
  for (const pattern of patterns) {
    if (!isGlob(pattern)) {
      names.add(pattern);
      continue;
    }
    const place = splitPattern(pattern).folder;
    const listed = folders.get(place) ?? (await folder.list(place));
    folders.set(place, listed);
    for (const name of listed) {
      const file = place === '' ? name : `${place}/${name}`;
      if (file !== folder.main && matchesPattern(pattern, file)) names.add(file);
    }
  }
  return [...names].sort();
}
