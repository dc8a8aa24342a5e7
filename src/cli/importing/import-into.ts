import { createTwoFilesPatch } from 'diff';
import writeFileAtomic from 'write-file-atomic';
import type { Config } from '../../config/model/config.ts';
import { parseFile } from '../../config/parse-config.ts';
import { ConfigError } from '../../core/errors.ts';
import { unpackFiles } from '../../core/sources/source-files.ts';
import { zoneScope } from '../../desired/terms/zone-scope.ts';
import { checkedConfig } from '../../expect/checked-config.ts';
import { importedFile } from '../../import/checked-draft.ts';
import { ExistingFile } from '../../import/existing/existing-file.ts';
import { readLive } from '../../import/reading.ts';
import { readingTeller } from '../planning/progress.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { readGatesFile, tellMistakes } from '../surroundings/file.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { authentikAddress, type ImportCommandOptions, selectionOf } from './import-options.ts';
import { tellLabels, tellLeft, tellNext, tellSummary } from './import-report.ts';
import { stateLabels } from './state-labels.ts';

/**
 * Adds what is live, and what the file and those that it includes lack, to its text. Prints the lines that it adds, or writes the file. Exit codes: 0 =
 * printed, written or nothing new; 1 = the file has mistakes, and is unchanged.
 */
export async function importInto(file: string, options: ImportCommandOptions): Promise<number> {
  const { zone, write, quiet, color } = options;
  if (write !== undefined && write !== true && write !== file)
    throw new UsageError('--into and --write name different files', {
      hint: 'Write --write without a name',
    });
  const bytes = await readGatesFile(file);
  const whole = parseFile(bytes);
  if (whole.ok ? whole.accounts.length > 1 : whole.names.length > 0)
    throw new UsageError(`--into adds to a file with one account, and ${file} has several`, {
      hint: 'Import into a file with that account alone, and move the entries',
    });
  const labels = await stateLabels(options.terraform);
  const read = checkedConfig(bytes);
  if (!read.ok) {
    tellMistakes(read.mistakes, file, bytes, color);
    tell(`Nothing was imported: correct ${file} first`);
    return 1;
  }
  const { config } = read.parsed;
  const settings = readSettings(process.env);
  const effects = effectsMaker(settings)(new AbortController().signal);
  const authentik = authentikAddress(options.authentik ?? config.authentik?.url, settings);
  const reach = { ...effects, onEvent: readingTeller({ quiet }) };
  const live = await readLive(reach, {
    owner: config.owner,
    account: config.cloudflare.account,
    ...zoneScope(config.cloudflare),
    zones: wantedZones(zone, config, file),
    ...(authentik !== undefined && { authentik }),
  });
  const found = { ...live, ...(labels && { labels }) };
  if (labels !== undefined) tellLabels(labels, found);
  const existing = new ExistingFile(bytes, read.parsed);
  const { text } = existing;
  const imported = importedFile(found, reach, selectionOf(options), existing);
  tellLeft(found, imported);
  if (imported.mistakes.length > 0) {
    tell(`${file} is unchanged: with what is live it would be a file with mistakes`);
    return 1;
  }
  if (imported.text === text) {
    if (!quiet) tell(`Nothing new for ${file}`);
    return 0;
  }
  if (!quiet) tellSummary(imported, effects, found);
  if (write === undefined) {
    print(createTwoFilesPatch(file, file, text, imported.text, undefined, undefined, { context: 3 }));
    if (!quiet) tell(`Nothing is written: \`gates import --into ${file} --write\` does it`);
    return 0;
  }
  await requireSame(file, bytes);
  await writeFileAtomic(file, `${markOf(bytes)}${imported.text}`);
  if (!quiet) tellNext(file);
  return 0;
}

function wantedZones(named: readonly string[], { cloudflare }: Config, file: string): readonly string[] {
  const { zones } = cloudflare;
  const missing = named.find((zone) => !zones.includes(zone));
  if (missing !== undefined)
    throw new ConfigError(`${file} has no zone ${missing}`, { hint: `It has: ${zones.join(', ')}` });
  return named.length > 0 ? named : zones;
}

/** The byte order mark in front of gates.yaml, which stays there; empty if there is none. */
function markOf(bytes: Uint8Array): string {
  const [first, second, third] = unpackFiles(bytes).main;
  return first === 0xef && second === 0xbb && third === 0xbf ? '\uFEFF' : '';
}

/** Throws if somebody has saved the file, or one that it includes, while the systems were read. */
async function requireSame(file: string, before: Uint8Array): Promise<void> {
  if (Buffer.compare(await readGatesFile(file), before) !== 0)
    throw new ConfigError(`${file} was changed meanwhile`, { hint: 'Nothing was written: import again' });
}
