import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';
import type { Paused } from '../../report/status/status.ts';
import { explainFolder } from './lease-record.ts';

/** The pause of a file whose reason cannot be read. */
const UNREADABLE: Paused = { reason: 'paused.json in the state directory cannot be read' };

/**
 * The pause by a person, if there is one: `paused.json` in the state folder. An unreadable file counts as a pause,
 * since somebody intended one. Never rejects.
 */
export async function readPaused(stateDir: string): Promise<Paused | undefined> {
  try {
    const content = await readOptionalFile(fileIn(stateDir));
    if (content === undefined) return undefined;
    const { reason, by, since } = JSON.parse(content.toString('utf8')) as Partial<Record<string, unknown>>;
    return {
      ...(typeof reason === 'string' && { reason }),
      ...(typeof by === 'string' && { by }),
      ...(typeof since === 'string' && !Number.isNaN(Date.parse(since)) && { since }),
    };
  } catch {
    return UNREADABLE;
  }
}

/**
 * Pauses gates, or changes the reason of a pause and keeps its beginning. Needs no turn.
 * @throws UnsafeError if the state folder cannot be written.
 */
export async function writePaused(
  stateDir: string,
  { reason, by, now }: { readonly reason: string; readonly by: string; readonly now: Date },
): Promise<{ readonly before: Paused | undefined; readonly paused: Required<Paused> }> {
  const before = await readPaused(stateDir);
  const paused = { reason, by, since: before?.since ?? now.toISOString() };
  await writePrivateFile(fileIn(stateDir), `${JSON.stringify(paused, undefined, 2)}\n`).catch(explainFolder);
  return { before, paused };
}

/**
 * Ends a pause, and returns it; undefined if there was none. Needs no turn.
 * @throws UnsafeError if the state folder cannot be written.
 */
export async function removePaused(stateDir: string): Promise<Paused | undefined> {
  const before = await readPaused(stateDir);
  await rm(fileIn(stateDir), { force: true }).catch(explainFolder);
  return before;
}

function fileIn(stateDir: string): string {
  return path.join(stateDir, 'paused.json');
}
