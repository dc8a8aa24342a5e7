import { createTwoFilesPatch } from 'diff';
import writeFileAtomic from 'write-file-atomic';
import type { Config } from '../../config/model/config.ts';
import { includeEntries } from '../../config/yaml/include-section.ts';
import { ConfigError } from '../../core/errors.ts';
import { checkedConfig } from '../../expect/checked-config.ts';
import { importedFile } from '../../import/checked-draft.ts';
import { readLive } from '../../import/reading.ts';
import { readingTeller } from '../planning/progress.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { readGatesFile, tellMistakes } from '../surroundings/file.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { authentikAddress, type ImportCommandOptions, selectionOf } from './import-options.ts';
import { tellLeft, tellNext, tellSummary } from './import-report.ts';

/**
 * Adds what is live, and what the file lacks, to its text. Prints the lines that it adds, or writes the file. Exit codes: 0 =
 * printed, written or nothing new; 1 = the file has mistakes, and is unchanged.
 */
export async function importInto(file: string, options: ImportCommandOptions): Promise<number> {
  const { zone, write, quiet, color } = options;
  if (write !== undefined && write !== true && write !== file)
    throw new UsageError('--into and --write name different files', {
      hint: 'Write --write without a name',
    });
  const bytes = await readGatesFile(file);
  // The bytes have the included files too, and would all be written to this one.
  if (includeEntries(bytes).length > 0)
    throw new ConfigError(`${file} includes other files, and import extends only a single one`, {
      hint: 'Import without --into, and copy the entries',
    });
  const read = checkedConfig(bytes);
  if (!read.ok) {
    tellMistakes(read.mistakes, file, bytes, color);
    tell(`Nothing was imported: correct ${file} first`);
    return 1;
  }
  const { config, warnings } = read.parsed;
  const settings = readSettings(process.env);
  const effects = effectsMaker(settings)(new AbortController().signal);
  const authentik = authentikAddress(options.authentik ?? config.authentik?.url, settings);
  const reach = { ...effects, onEvent: readingTeller({ quiet }) };
  const found = await readLive(reach, {
    owner: config.owner,
    account: config.cloudflare.account,
    zones: wantedZones(zone, config, file),
    ...(authentik !== undefined && { authentik }),
  });
  // The mark stays in front of the text, in which each offset counts from the first line.
  const [mark, text] = splitMark(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const imported = importedFile(found, reach, selectionOf(options), { text, config, warnings });
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
  await writeFileAtomic(file, `${mark}${imported.text}`);
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

/** The byte order mark, if there is one, and the text behind it. */
function splitMark(text: string): readonly [mark: string, text: string] {
  return text.startsWith('\uFEFF') ? ['\uFEFF', text.slice(1)] : ['', text];
}

/** Throws if somebody has saved the file while the systems were read. */
async function requireSame(file: string, before: Uint8Array): Promise<void> {
  if (Buffer.compare(await readGatesFile(file), before) !== 0)
    throw new ConfigError(`${file} was changed meanwhile`, { hint: 'Nothing was written: import again' });
}
