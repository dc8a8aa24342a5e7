import { createHash } from 'node:crypto';

/** The applied revision and the head of the branch. */
const REMEMBERED = 2;

/** `read` with a memory of the last two files, by their bytes: most runs read the same ones again. */
export function rememberFiles<T>(
  read: (bytes: Uint8Array) => T | Promise<T>,
): (bytes: Uint8Array) => Promise<T> {
  // The most recent file comes last.
  const results = new Map<string, T>();
  return async (bytes) => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const result = results.get(hash) ?? (await read(bytes));
    results.delete(hash);
    results.set(hash, result);
    const [oldest] = results.keys();
    if (results.size > REMEMBERED && oldest !== undefined) results.delete(oldest);
    return result;
  };
}
