import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';

/** Which deliveries have been accepted already; survives a restart. */
export interface Replays {
  /** True the first time a delivery is seen; resolves once that is on disk. */
  admit(delivery: string, body: Uint8Array): Promise<boolean>;
}

/** How many deliveries are remembered: more than a forge sends in the time in which it sends one again. */
const REMEMBERED = 2_000;

/** `replay.log` in the state directory: one digest of delivery id and body a line, the newest last. */
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
      // One write at a time: an append beside a rewrite would be lost.
      const kept = writing.then(() => keep(digest));
      writing = kept.catch(() => {});
      await kept;
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
