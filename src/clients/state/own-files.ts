import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** Variables that name files with secrets of gates. */
const OWN_FILE = /^(?:CLOUDFLARE|AUTHENTIK|GATES)_\w+_FILE$/;

/** The files with gates' own secrets, which no gates.yaml may use for anything else. */
export function ownFilesOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    OWN_FILE.test(name) && value !== undefined && value !== '' ? [value] : [],
  );
}

/** True if `file`, after all links, is one of `own` or lies in one of them. */
export async function isOwnFile(file: string, own: readonly string[]): Promise<boolean> {
  const place = await realPath(file);
  const owned = await Promise.all(own.map(realPath));
  return owned.some((mine) => place === mine || place.startsWith(`${mine}${path.sep}`));
}

/** The target of links, even of those to a folder without such a file. */
async function realPath(file: string): Promise<string> {
  const whole = path.resolve(file);
  const folder = path.dirname(whole);
  return realpath(whole).catch(async () =>
    folder === whole ? whole : path.join(await realPath(folder), path.basename(whole)),
  );
}
