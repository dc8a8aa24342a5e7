import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';
import { sha256 } from '../../core/sha256.ts';

/** A revision that a person applied in place of the head of the branch. */
export interface Hold {
  /** The head at that time: the hold ends when the branch moves. */
  readonly head: string;
  readonly by: string;
  /** RFC 3339. */
  readonly since: string;
}

/** The newest revision without mistakes, or the one that a person holds. Later mistakes do not replace it. */
export interface LastGood {
  readonly revision: string;
  readonly author: string;
  readonly subject: string;
  readonly allow: readonly ('prune' | 'change')[];
  /** The time at which it became the last good revision; RFC 3339. */
  readonly since: string;
  /** True if a run has carried out everything it asks for. */
  readonly applied: boolean;
  readonly held?: Hold;
  /** gates.yaml, packed with the files that it includes. */
  readonly bytes: Uint8Array;
}

export interface LastGoodFile {
  /** Undefined if there is none, or none that can be trusted. */
  load(): Promise<LastGood | undefined>;
  save(good: LastGood): Promise<void>;
}

const NOTE = '# gates: ';

/**
 * `last-good.yaml` in the state folder. A comment after the text holds the other facts: so one file is replaced in one
 * step, and no line of the text moves.
 */
export function lastGoodFile(stateDir: string): LastGoodFile {
  const file = path.join(stateDir, 'last-good.yaml');
  return {
    async load() {
      const content = await readOptionalFile(file);
      return content === undefined ? undefined : parse(content);
    },
    async save({ bytes, ...known }) {
      const note = `\n${NOTE}${JSON.stringify({ ...known, length: bytes.length, sha256: sha256(bytes) })}\n`;
      await writePrivateFile(file, Buffer.concat([bytes, Buffer.from(note)]));
    },
  };
}

function parse(content: Buffer): LastGood | undefined {
  const start = content.lastIndexOf(`\n${NOTE}`);
  if (start === -1) return undefined;
  try {
    const note = JSON.parse(content.subarray(start + 1 + NOTE.length).toString('utf8'));
    const { length, sha256: hash, ...known } = note as Omit<LastGood, 'bytes'> & Written;
    const bytes = content.subarray(0, start);
    // A copy that changed on disk does not contain what git had.
    const isWhole = length === start && (hash === undefined || hash === sha256(bytes));
    return isWhole && typeof known.revision === 'string' ? { ...known, bytes } : undefined;
  } catch {
    return undefined;
  }
}

/** The length and hash of the text when it was written. Copies of gates 0.1 have no hash. */
interface Written {
  readonly length: number;
  /** Hexadecimal. */
  readonly sha256?: string;
}
