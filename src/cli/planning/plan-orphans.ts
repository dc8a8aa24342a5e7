import { reconcilers } from '../../../reconcilers/index.ts';
import type { Config } from '../../config/model/config.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { ConfigError } from '../../core/errors.ts';
import { makePlan } from '../../plan/plan.ts';
import { type OrphansDocument, type OwnedFile, orphansDocument } from '../../report/orphans/orphans.ts';
import { formatOrphans } from '../../report/orphans/orphans-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { survey } from '../../run/survey.ts';
import { accountsIn } from '../surroundings/accounts.ts';
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
  const effects = effectsMaker(settings)(new AbortController().signal);
  const files: OwnedFile[] = [];
  for (const file of [options.file, ...others]) {
    const config = await configOfOneAccount({ file, color }, settings);
    if (config === undefined) return 1;
    const before = files.find(({ desired }) => desired.scope.owner === config.owner);
    if (before !== undefined) {
      throw new ConfigError(`${before.file} and ${file} have the same owner`, {
        hint: 'Two files of one owner would remove each other’s objects: give each an owner of its own',
      });
    }
    const { asked, desired, observed } = await survey(config, effects);
    const { prune, limits } = config.reconcile;
    const plan = makePlan(desired, observed, reconcilers, { adopt: false, allow: [], prune, limits });
    files.push({ file, asked, desired, observed, plan });
  }
  const document = orphansDocument(files, reconcilers);
  const form = { color: wantsColor(process.stdout, color), width: widthOf(process.stdout) };
  if (output === 'json') printJson(document);
  else print(formatOrphans(document, { ...form, quiet, kinds: reconcilers }));
  return exitCodeOf(document);
}

/**
 * The configuration of a file; undefined after printing its mistakes.
 * @throws UsageError for a file with several accounts: marks of the others would seem to be nobody's.
 */
async function configOfOneAccount(
  { file, color }: { readonly file: string; readonly color: boolean },
  settings: Settings,
): Promise<Config | undefined> {
  const text = await readGatesFile(file);
  const [asked] = accountsIn(text, { file, color }, settings);
  if (asked === undefined) return undefined;
  if (asked.name !== undefined)
    throw new UsageError(`--orphans compares files with one account, and ${file} has several`, {
      hint: '`gates plan` removes what the accounts of this file no longer ask for',
    });
  const read = parseConfig(text);
  if (read.ok) return read.parsed.config;
  tellMistakes(read.mistakes, file, text, color);
  return undefined;
}

function exitCodeOf({ owners, unknown }: OrphansDocument): number {
  if (unknown.length > 0) return 1;
  return owners.length > 0 ? 2 : 0;
}
