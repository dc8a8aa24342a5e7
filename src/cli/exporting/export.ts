import { anonymized } from '../../export/anonymize/anonymize.ts';
import { requireExportPlace, writeExport } from '../../export/export-folder.ts';
import type { RefusedQuestion, SystemsExport } from '../../export/exported-answer.ts';
import { readSystems } from '../../export/read-systems.ts';
import { print, tell } from '../surroundings/terminal.ts';
import { configOrNone, type ExportFileOptions } from './config-or-none.ts';
import { liveSystems } from './live-systems.ts';

export interface ExportCommandOptions extends ExportFileOptions {
  /** Names of zones; none: those of the file. */
  readonly zone: readonly string[];
  /** Replace names, addresses and IPs. */
  readonly anonymize: boolean;
}

/** Writes the answers of both systems to a folder, without secrets. Exit codes: 0 = written, 1 = not. */
export async function exportSystems(folder: string, options: ExportCommandOptions): Promise<number> {
  // Reading takes a while, so an unusable folder is reported first.
  await requireExportPlace(folder);
  const asked = await configOrNone(options);
  if (asked === 'mistakes') return 1;
  const { config, settings } = asked;
  const systems = liveSystems(settings, config, options.zone);
  if (systems.authentik === undefined && !options.quiet) {
    tell('without Authentik: neither AUTHENTIK_URL nor the file says where it is');
  }
  const zones = options.zone.length > 0 ? options.zone : config?.cloudflare.zones;
  const made = await readSystems({ ...systems, zones, account: config?.cloudflare.account });
  for (const line of refusalLines(made.refused)) tell(line);
  if (options.anonymize) return writeAnonymous(folder, made);
  await writeExport(folder, made);
  if (!options.quiet)
    print(`${summaryOf(made)}\nWritten to ${folder}: it contains no secrets, but names and addresses.\n`);
  return 0;
}

/** Prints what is left even if little is to be printed: the person has to look through it. */
async function writeAnonymous(folder: string, exported: SystemsExport): Promise<number> {
  const { made, counts, left } = anonymized(exported);
  await writeExport(folder, made);
  const replaced = `${counts.words} words of names and addresses, and ${counts.networks} networks`;
  const list = left.map((line) => `  - ${line}\n`).join('');
  print(`${summaryOf(made)}\nWritten to ${folder}, with replacements for ${replaced}.\n`);
  print(`\nLeft as they are; look through the folder before you give it to anybody:\n${list}`);
  return 0;
}

function summaryOf({ answers, zones }: SystemsExport): string {
  const counted = answers.map(({ content }) => ('items' in content ? content.items.length : 1));
  const objects = counted.reduce((sum, count) => sum + count, 0);
  return `${objects} objects of ${answers.length} lists and settings, from ${zones.join(', ')}`;
}

/** One line for each sort of question that a system refused. */
function refusalLines(refused: readonly RefusedQuestion[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { system, path, status } of refused) {
    const name = system === 'cloudflare' ? 'Cloudflare' : 'Authentik';
    const sort = path.replace(/\/[0-9a-f-]{32,36}(?=\/|$)/g, '/*');
    const line = `not exported: ${name} refused ${sort} (${status})`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line}, ${count} times`));
}
