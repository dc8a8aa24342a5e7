import { existsSync, writeFileSync } from 'node:fs';
import { ConfigError } from '../../core/errors.ts';
import { liveFindings } from '../../findings/live-findings.ts';
import { type Imported, importedFile } from '../../import/checked-draft.ts';
import { type Found, readLive } from '../../import/reading.ts';
import { findingsInShort } from '../../report/findings/findings-text.ts';
import { hanging, paragraph, widthOf } from '../../report/screen/screen.ts';
import { readingTeller } from '../planning/progress.ts';
import { effectsMaker, type LocalEffects } from '../surroundings/effects.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface ImportCommandOptions {
  readonly owner: string;
  readonly account?: string;
  readonly zone: readonly string[];
  readonly authentik?: string;
  readonly host?: string;
  readonly service?: string;
  /** The file to write; undefined: stdout. */
  readonly write?: string;
  readonly force: boolean;
  readonly quiet: boolean;
}

/** Writes a gates.yaml that says what is live, and changes nothing. Exit codes: 0 = written, whatever is left out; 1 = not. */
export async function importLive(options: ImportCommandOptions): Promise<number> {
  const { owner, account, zone, host, service, write, force, quiet } = options;
  if (write !== undefined && existsSync(write) && !force)
    throw new UsageError(`${write} exists`, { hint: 'Write to another file, or replace it with --force' });
  const settings = readSettings(process.env);
  const authentik = options.authentik ?? settings.authentikUrl;
  if (authentik === undefined && settings.authentikToken !== undefined)
    throw new ConfigError('There is a token for Authentik, and no address', {
      hint: 'Give its address with --authentik or AUTHENTIK_URL, or unset AUTHENTIK_TOKEN',
    });
  const effects = effectsMaker(settings)(new AbortController().signal);
  const place = {
    owner,
    ...(account !== undefined && { account }),
    ...(zone.length > 0 && { zones: zone }),
    ...(authentik !== undefined && { authentik: authentik.replace(/\/$/, '') }),
  };
  const reach = { ...effects, onEvent: readingTeller({ quiet }) };
  const found = await readLive(reach, place);
  const imported = importedFile(found, reach, {
    ...(host !== undefined && { host: host.toLowerCase() }),
    ...(service !== undefined && { service }),
  });
  tellLeft(found, imported);
  if (!quiet) tellSummary(imported, effects, found);
  if (!quiet && host === undefined && service === undefined) tellFindings(found, reach);
  if (write === undefined) print(imported.text);
  else writeFileSync(write, imported.text);
  if (!quiet && write !== undefined)
    tell(
      `Next: read ${write}, then \`gates plan --adopt --file ${write}\`, then \`gates adopt --file ${write}\``,
    );
  return imported.mistakes.length > 0 ? 1 : 0;
}

/** Prints what could not be read, the mistakes of the file, and everything live that is left out. */
export function tellLeft({ live }: Found, { draft, mistakes }: Imported): void {
  const width = widthOf(process.stderr);
  for (const line of live.unreadLines()) tell(paragraph(`warning: ${line}`, width).join('\n'));
  for (const { path, message } of mistakes)
    tell(paragraph(`warning: the file has a mistake at ${path}: ${message}`, width).join('\n'));
  for (const { what, reason } of draft.leftovers)
    tell(hanging(`left     ${what}: ${reason}`, width).join('\n'));
}

/** Prints `Imported 4 services, 1 client, 12 records; left 2. 31 calls to Cloudflare, 14 to Authentik, 2 visits`. */
export function tellSummary(
  { draft }: Imported,
  { calls }: Pick<LocalEffects, 'calls'>,
  { visits: { size: visits } }: Found,
): void {
  const { services = {}, clients = {}, dns = {} } = draft.file;
  const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const parts = [
    counted(Object.keys(services).length, 'service'),
    counted(Object.keys(clients).length, 'client'),
    counted(Object.values(dns).flat().length, 'record'),
  ];
  const { cloudflare, authentik } = calls();
  const asked = [
    `${counted(cloudflare.reads, 'call')} to Cloudflare`,
    ...(authentik.reads > 0 ? [`${authentik.reads} to Authentik`] : []),
    ...(visits > 0 ? [counted(visits, 'visit')] : []),
  ];
  tell(`Imported ${parts.join(', ')}; left ${draft.leftovers.length}. ${asked.join(', ')}`);
}

/** Prints how many faults of the live systems there are, and the worst of them. */
function tellFindings(found: Found, terms: Parameters<typeof liveFindings>[1]): void {
  const findings = liveFindings(found, terms, { file: 'none' });
  for (const line of findingsInShort(findings, widthOf(process.stderr))) tell(line);
}
