import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** Mode of every file that may contain a secret: only its owner may read it. */
export const PRIVATE_MODE = 0o600;

/** Writes a file that only its owner can read, completely or not at all; creates its directory if it is missing. */
export async function writePrivateFile(file: string, data: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, typeof data === 'string' ? data : Buffer.from(data), { mode: PRIVATE_MODE });
}

/** The bytes of a file; undefined if there is none. */
export async function readOptionalFile(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch(undefinedWhenMissing);
}

/** Names in a directory, sorted; none if there is no directory. */
export async function listDirectory(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(undefinedWhenMissing);
  return (names ?? []).sort();
}

function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
