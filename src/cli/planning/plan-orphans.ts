import { reconcilers } from '../../../reconcilers/index.ts';
import type { Config } from '../../config/model/config.ts';
import { parseFile } from '../../config/parse-config.ts';
import { ConfigError } from '../../core/errors.ts';
import { makePlan } from '../../plan/plan.ts';
import { type OrphansDocument, type OwnedFile, orphansDocument } from '../../report/orphans/orphans.ts';
import { formatOrphans } from '../../report/orphans/orphans-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { survey } from '../../run/survey.ts';
import { settingsOf, tellUnknownVariables } from '../surroundings/accounts.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { readGatesFile, tellMistakes } from '../surroundings/file.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { print, printJson, wantsColor } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface PlanOrphansOptions {
  readonly file: string;
  readonly output: 'text' | 'json' | 'markdown';
  readonly color: boolean;
  readonly quiet: boolean;
}

/**
 * Prints the live objects with the mark of an owner that no file names, and changes nothing. `others`: the files of
 * other owners. Exit codes: 0 = none, 2 = some, 1 = something could not be read.
 */
export async function planOrphans(others: readonly string[], options: PlanOrphansOptions): Promise<number> {
  const { color, quiet, output } = options;
  if (output === 'markdown') {
    throw new UsageError('--orphans has no output as Markdown', { hint: 'Choose text or json' });
  }
  const settings = readSettings(process.env);
  const owned: OwnedAccount[] = [];
  for (const file of [options.file, ...others]) {
    const found = await accountsOf({ file, color }, settings);
    if (found === undefined) return 1;
    owned.push(...found);
  }
  requireOwners(owned);
  const files: OwnedFile[] = [];
  for (const { file, account, config, settings: own } of owned) {
    const effects = effectsMaker(own)(new AbortController().signal);
    const { asked, desired, observed } = await survey(config, effects);
    const { prune, limits } = config.reconcile;
    const plan = makePlan(desired, observed, reconcilers, { adopt: false, allow: [], prune, limits });
    files.push({ file, ...(account !== undefined && { account }), asked, desired, observed, plan });
  }
  const document = orphansDocument(files, reconcilers);
  const form = { color: wantsColor(process.stdout, color), width: widthOf(process.stdout) };
  if (output === 'json') printJson(document);
  else print(formatOrphans(document, { ...form, quiet, kinds: reconcilers }));
  return exitCodeOf(document);
}

/** One account of a file. */
interface OwnedAccount {
  readonly file: string;
  /** Undefined if the account has no name. */
  readonly account: string | undefined;
  readonly config: Config;
  readonly settings: Settings;
}

/** All accounts of a file: the marks of one that is left out would seem to be nobody's. Undefined after printing its mistakes. */
async function accountsOf(
  { file, color }: { readonly file: string; readonly color: boolean },
  settings: Settings,
): Promise<readonly OwnedAccount[] | undefined> {
  const text = await readGatesFile(file);
  const read = parseFile(text);
  if (!read.ok) {
    tellMistakes(read.mistakes, file, text, color);
    return undefined;
  }
  tellUnknownVariables(read, settings, file);
  return read.accounts.map((each) => {
    return { file, account: each.name, config: each.config, settings: settingsOf(settings, each) };
  });
}

/** @throws ConfigError for two files or accounts with one owner. */
function requireOwners(owned: readonly OwnedAccount[]): void {
  const seen = new Map<string, string>();
  for (const { file, config } of owned) {
    const before = seen.get(config.owner);
    if (before !== undefined) {
      throw new ConfigError(`${before} and ${file} have the same owner`, {
        hint: 'Two files of one owner would remove each other’s objects: give each an owner of its own',
      });
    }
    seen.set(config.owner, file);
  }
}

function exitCodeOf({ owners, unknown }: OrphansDocument): number {
  if (unknown.length > 0) return 1;
  return owners.length > 0 ? 2 : 0;
}
