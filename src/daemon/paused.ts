import path from 'node:path';
import { readOptionalFile } from '../clients/state/private-file.ts';
import type { Paused } from '../report/status.ts';

/**
 * Whether gates is paused by hand: `paused.json` in the state directory. A file that says nothing that can be read
 * counts as a pause, since somebody meant one.
 */
export async function readPaused(stateDir: string): Promise<Paused | undefined> {
  const content = await readOptionalFile(path.join(stateDir, 'paused.json'));
  if (content === undefined) return undefined;
  try {
    const { reason, by, since } = JSON.parse(content.toString('utf8')) as Partial<Record<string, unknown>>;
    return {
      ...(typeof reason === 'string' && { reason }),
      ...(typeof by === 'string' && { by }),
      ...(typeof since === 'string' && !Number.isNaN(Date.parse(since)) && { since }),
    };
  } catch {
    return { reason: 'paused.json in the state directory cannot be read' };
  }
}
