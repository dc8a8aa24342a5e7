import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseConfig } from '../../config/parse-config.ts';
import { includeEntries } from '../../config/yaml/include-section.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Mistake } from '../../core/mistake.ts';
import { collectFiles } from '../../core/sources/collect-files.ts';
import { sourceText } from '../../core/sources/source-files.ts';
import { formatMistake } from '../../report/mistakes/mistakes-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { sourceFolder } from './source-folder.ts';
import { tell, wantsColor } from './terminal.ts';

/**
 * The bytes of gates.yaml, packed with the files that it includes, which the parser then reads.
 * @throws ConfigError if gates.yaml does not exist, or cannot be read.
 */
export async function readGatesFile(file: string): Promise<Uint8Array> {
  const main = await readMain(file);
  return collectFiles(main, includeEntries(main), sourceFolder(file));
}

async function readMain(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = unreadable.get((cause as NodeJS.ErrnoException).code) ?? 'cannot be read';
    throw new ConfigError(`${file} ${reason}`, { hint: 'Name another with --file', cause });
  }
}

const unreadable: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['EISDIR', 'is a folder'],
  ['EACCES', 'may not be read by this user'],
]);

/**
 * Refuses an unknown service, since a mistyped name must not look like one with nothing to do. A file with mistakes is
 * accepted: the plan reports them.
 * @throws ConfigError that lists the services of the file.
 */
export function requireService(text: Uint8Array, file: string, service: string | undefined): void {
  if (service === undefined) return;
  const read = parseConfig(text);
  if (!read.ok) return;
  const names = [...read.parsed.config.services.keys()];
  if (names.includes(service)) return;
  throw new ConfigError(`${file} has no service "${service}"`, {
    hint: names.length === 0 ? 'It has none' : `It has: ${names.join(', ')}`,
  });
}

/** Those of the hosts that are in the file, or in the account that the text selects. */
export function vouchedHosts(text: Uint8Array, hosts: readonly string[]): readonly string[] {
  const read = parseConfig(text);
  if (!read.ok) return hosts;
  const known = new Set([...read.parsed.config.services.values()].map(({ host }) => host));
  return hosts.filter((host) => known.has(host));
}

/**
 * Refuses an unknown host, since a mistyped name must not look like a host that a person vouches for.
 * @throws ConfigError that lists the hosts of the accounts.
 */
export function requireHosts(
  accounts: readonly { readonly text: Uint8Array }[],
  file: string,
  hosts: readonly string[],
): void {
  const read = accounts.map(({ text }) => parseConfig(text));
  if (hosts.length === 0 || read.some(({ ok }) => !ok)) return;
  const known = read.flatMap((each) =>
    each.ok ? [...each.parsed.config.services.values()].map(({ host }) => host) : [],
  );
  const unknown = hosts.find((host) => !known.includes(host));
  if (unknown === undefined) return;
  throw new ConfigError(`${file} has no service on ${unknown}`, {
    hint: known.length === 0 ? 'It has none' : `It has: ${known.join(', ')}`,
  });
}

/** Prints every mistake and warning with its place on stderr. Returns the number of errors. */
export function tellMistakes(
  mistakes: readonly Mistake[],
  file: string,
  text: Uint8Array,
  color: boolean,
): number {
  const form = { color: wantsColor(process.stderr, color), width: widthOf(process.stderr) };
  const texts = new Map<string | undefined, string>();
  for (const mistake of mistakes) {
    const source = texts.get(mistake.file) ?? sourceText(text, mistake.file);
    texts.set(mistake.file, source);
    tell(formatMistake(mistake, file, source, form));
  }
  return mistakes.filter((mistake) => mistake.severity === 'error').length;
}

/** The file relative to the checkout's root: the working directory, unless a job says otherwise. */
export function fileInRepository(file: string): string {
  const root = process.env.GITHUB_WORKSPACE || process.cwd();
  return path.relative(root, path.resolve(file)).split(path.sep).join('/');
}
