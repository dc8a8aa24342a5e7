import { existsSync, writeFileSync } from 'node:fs';
import { liveFindings } from '../../findings/live-findings.ts';
import { importedFile } from '../../import/checked-draft.ts';
import { type Found, readLive } from '../../import/reading.ts';
import { findingsInShort } from '../../report/findings/findings-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { readingTeller } from '../planning/progress.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { importInto } from './import-into.ts';
import {
  authentikAddress,
  type ImportCommandOptions,
  namesNoService,
  selectionOf,
} from './import-options.ts';
import { tellLabels, tellLeft, tellNext, tellSummary } from './import-report.ts';
import { stateLabels } from './state-labels.ts';

/** Writes a gates.yaml that says what is live, and changes nothing. Exit codes: 0 = written, whatever is left out; 1 = not. */
export async function importLive(options: ImportCommandOptions): Promise<number> {
  const { owner, account, zone, into, write, force, quiet } = options;
  if (into !== undefined) return importInto(into, options);
  if (write === true)
    throw new UsageError('--write names no file', { hint: 'Name one, or an existing one with --into' });
  if (write !== undefined && existsSync(write) && !force)
    throw new UsageError(`${write} exists`, { hint: 'Write to another file, or replace it with --force' });
  const settings = readSettings(process.env);
  const labels = await stateLabels(options.terraform);
  const authentik = authentikAddress(options.authentik, settings);
  const effects = effectsMaker(settings)(new AbortController().signal);
  const place = {
    owner,
    ...(account !== undefined && { account }),
    ...(zone.length > 0 && { zones: zone }),
    ...(authentik !== undefined && { authentik }),
  };
  const reach = { ...effects, onEvent: readingTeller({ quiet }) };
  const found = { ...(await readLive(reach, place)), ...(labels && { labels }) };
  if (labels !== undefined) tellLabels(labels, found);
  const imported = importedFile(found, reach, selectionOf(options));
  tellLeft(found, imported);
  if (!quiet) tellSummary(imported, effects, found);
  if (!quiet && namesNoService(options)) tellFindings(found, reach);
  if (write === undefined) print(imported.text);
  else writeFileSync(write, imported.text);
  if (!quiet && write !== undefined) tellNext(write);
  return imported.mistakes.length > 0 ? 1 : 0;
}

/** Prints how many faults of the live systems there are, and the worst of them. */
function tellFindings(found: Found, terms: Parameters<typeof liveFindings>[1]): void {
  const findings = liveFindings(found, terms, { file: 'none' });
  for (const line of findingsInShort(findings, widthOf(process.stderr))) tell(line);
}
