import { conformanceDocument, exitCodeOf, lineOf, summaryOf } from '../../conformance/report.ts';
import type { Conclusion } from '../../conformance/run.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Turn } from '../../daemon/lease/lease-turn.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { ask, print, printJson, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { authentikPart } from '../trying/conformance-authentik.ts';
import { cloudflarePart } from '../trying/conformance-cloudflare.ts';
import type { ConformanceOptions, ConformancePart } from '../trying/conformance-part.ts';
import { removeAll } from '../trying/scratch-removal.ts';
import { exclusively, type TurnClocks } from './exclusive.ts';

/** Exit codes: 0 = all as believed, or swept; 2 = something differs; 1 = a question or a removal was not possible. */
export async function conformance(options: ConformanceOptions, clocks?: TurnClocks): Promise<number> {
  const { zone, tunnel, authentik } = options;
  if ((zone === undefined) !== (tunnel === undefined) || (zone === undefined && !authentik)) {
    throw new UsageError('It is not said what to ask', {
      hint: 'Give --zone and --tunnel for Cloudflare, --authentik for Authentik, or all of them',
    });
  }
  if (!options.yes && process.stdin.isTTY !== true) {
    throw new ConfigError('There is no terminal to ask for consent', {
      hint: 'Run it on a terminal, or give --yes',
    });
  }
  const settings = readSettings(process.env);
  const act = async (turn: Turn) => {
    const parts = await partsOf(options, settings, turn);
    return options.sweep ? sweep(options, parts, turn) : run(options, parts, turn);
  };
  return exclusively(settings.stateDir, 'gates conformance', act, clocks);
}

async function partsOf(
  { zone, tunnel, authentik, full, fresh }: ConformanceOptions,
  settings: Settings,
  turn: Turn,
): Promise<readonly ConformancePart[]> {
  const parts: ConformancePart[] = [];
  if (zone !== undefined && tunnel !== undefined) {
    parts.push(await cloudflarePart({ zone, tunnel, full }, settings, turn));
  }
  if (authentik) parts.push(await authentikPart({ fresh }, settings, turn));
  return parts;
}

async function run(
  { json, yes, full }: ConformanceOptions,
  parts: readonly ConformancePart[],
  { signal }: Turn,
): Promise<number> {
  for (const { announcement } of parts) tell(announcement);
  if (!yes && (await ask('Begin? [y/N] ', signal)) !== true) return 1;
  const conclusions: Conclusion[] = [];
  for (const part of parts) {
    conclusions.push(
      await part.ask((answered) => {
        if (!json) print(`${lineOf(answered)}\n`);
      }),
    );
  }
  const places = Object.assign({}, ...parts.map(({ place }) => place));
  const document = conformanceDocument(conclusions, places, full ? 'full' : 'quick');
  if (json) printJson(document);
  else print(`${summaryOf(document)}\n`);
  for (const [name, why] of Object.entries(document.failures)) tell(`${name}: ${why}`);
  return exitCodeOf(document);
}

async function sweep(
  { yes }: ConformanceOptions,
  parts: readonly ConformancePart[],
  { signal }: Turn,
): Promise<number> {
  const leftovers = await Promise.all(parts.map((part) => part.leftovers()));
  const found = leftovers.flatMap((of) => of.found);
  const unread = leftovers.flatMap((of) => of.unread);
  for (const what of unread) tell(`The token may not read ${what}: what is left there stays`);
  if (found.length === 0) tell('Nothing is left of any run here.');
  for (const { what } of found) tell(`  ${what}`);
  if (found.length > 0 && !yes && (await ask('Remove them? [y/N] ', signal)) !== true) return 1;
  await removeAll(found);
  if (unread.length > 0) return 1;
  for (const part of parts) await part.swept();
  return 0;
}
