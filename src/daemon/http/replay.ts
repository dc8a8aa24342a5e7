import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';

/** Remembers accepted deliveries, also after a restart. */
export interface Replays {
  /** True for the first delivery with this id and body; resolves once it is on disk. */
  admit(delivery: string, body: Uint8Array): Promise<boolean>;
}

/** The number of remembered deliveries: more than a forge sends before it repeats one. */
const REMEMBERED = 2_000;

/** `replay.log` in the state folder: one digest of a delivery's id and body on each line, the newest last. */
export async function replayFile(stateDir: string, remembered = REMEMBERED): Promise<Replays> {
  const file = path.join(stateDir, 'replay.log');
  const seen = new Set((await readLines(file)).slice(-remembered));
  await writePrivateFile(file, linesOf(seen));
  let lines = seen.size;
  let writing = Promise.resolve();

  async function keep(digest: string): Promise<void> {
    lines += 1;
    if (lines <= remembered * 2) return appendFile(file, `${digest}\n`);
    lines = seen.size;
    return writePrivateFile(file, linesOf(seen));
  }

  return {
    async admit(delivery, body) {
      const digest = digestOf(delivery, body);
      if (seen.has(digest)) return false;
      seen.add(digest);
      const [oldest] = seen;
      if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
      // One write at a time: a rewrite would lose a simultaneous append.
      const appended = writing.then(() => keep(digest));
      writing = appended.catch(() => {});
      await appended;
      return true;
    },
  };
}

function digestOf(delivery: string, body: Uint8Array): string {
  const bodyHash = createHash('sha256').update(body).digest('hex');
  return createHash('sha256').update(`${delivery}\n${bodyHash}`).digest('hex');
}

function linesOf(digests: Iterable<string>): string {
  return [...digests].map((digest) => `${digest}\n`).join('');
}

async function readLines(file: string): Promise<readonly string[]> {
  const content = (await readOptionalFile(file))?.toString('utf8') ?? '';
  return content.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
}
