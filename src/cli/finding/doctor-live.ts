import type { Config } from '../../config/model/config.ts';
import { parseFile } from '../../config/parse-config.ts';
import { ConfigError } from '../../core/errors.ts';
import { zoneScope } from '../../desired/terms/zone-scope.ts';
import { checkedConfig } from '../../expect/checked-config.ts';
import { liveFindings } from '../../findings/live-findings.ts';
import { type ImportPlace, readLive } from '../../import/reading.ts';
import { type FindingsDocument, isInOrder } from '../../report/findings/findings.ts';
import { formatFindingsMarkdown } from '../../report/findings/findings-markdown.ts';
import { findingsSarif } from '../../report/findings/findings-sarif.ts';
import { formatFindings } from '../../report/findings/findings-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { readingTeller } from '../planning/progress.ts';
import { accountsIn, onlyAccount } from '../surroundings/accounts.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { fileInRepository, readGatesFile } from '../surroundings/file.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { print, printJson, wantsColor } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { version } from '../surroundings/version.ts';

/** The options of `gates doctor`, also without `--live`. */
export interface DoctorCommandOptions {
  readonly file: string;
  /** `sarif` and `markdown` are formats of the findings of `--live`. */
  readonly output: 'text' | 'json' | 'sarif' | 'markdown';
  readonly color: boolean;
  readonly quiet: boolean;
  /** The rest is for `--live` alone. */
  readonly owner?: string;
  readonly account?: string;
  readonly zone: readonly string[];
  readonly authentik?: string;
}

/**
 * Looks for faults of the live objects, also of those that gates did not make, and writes nothing. Exit codes: 0 = nothing
 * is exposed or broken, 1 = something is.
 */
export async function doctorLive(options: DoctorCommandOptions): Promise<number> {
  const { output, color, quiet } = options;
  const { config, state, settings, isNamed } = await explanation(options);
  const effects = effectsMaker(settings)(new AbortController().signal);
  const reach = { ...effects, onEvent: readingTeller({ quiet }) };
  const found = await readLive(
    reach,
    placeOf(isNamed ? { ...options, account: undefined } : options, settings, config),
  );
  const document = liveFindings(found, reach, { config, file: state });
  const inRepository = state === 'none' ? undefined : fileInRepository(options.file);
  if (output === 'json') printJson(document);
  else if (output === 'sarif') printJson(findingsSarif(document, { version, file: inRepository }));
  else if (output === 'markdown') print(formatFindingsMarkdown(document));
  else
    print(
      formatFindings(document, {
        color: wantsColor(process.stdout, color),
        width: widthOf(process.stdout),
        quiet,
      }),
    );
  return isInOrder(document) ? 0 : 1;
}

/** The file of an explanation, and the settings for its account. */
interface Explanation {
  readonly config: Config | undefined;
  readonly state: FindingsDocument['file'];
  readonly settings: Settings;
  /** The account has a name in the file, by which it was chosen. */
  readonly isNamed: boolean;
}

/** The file, as far as it can be read. Without one, nothing is explained. */
async function explanation({ file, color, account }: DoctorCommandOptions): Promise<Explanation> {
  const environment = readSettings(process.env);
  let text: Uint8Array;
  try {
    text = await readGatesFile(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: undefined, state: 'none', settings: environment, isNamed: false };
  }
  // In a file with one account, the option means what the token sees.
  const parsed = parseFile(text);
  const isNamed = parsed.ok && parsed.accounts.some(({ name }) => name !== undefined);
  const chosen = { file, color, account: isNamed ? account : undefined };
  const asked = onlyAccount(accountsIn(text, chosen, environment), file);
  const settings = asked?.settings ?? environment;
  const read = checkedConfig(asked?.text ?? text);
  if (!read.ok) return { config: undefined, state: 'mistakes', settings, isNamed };
  return { config: read.parsed.config, state: 'read', settings, isNamed };
}

/** The account, zones and Authentik to read: those of the command line, else those of the file. */
function placeOf(
  {
    owner,
    account,
    zone,
    authentik,
  }: Omit<DoctorCommandOptions, 'account'> & {
    readonly account?: string | undefined;
  },
  { authentikUrl, authentikToken }: Settings,
  config: Config | undefined,
): ImportPlace {
  const ofFile = config?.cloudflare.zones;
  const strange = zone.find((name) => ofFile !== undefined && !ofFile.includes(name));
  if (strange !== undefined)
    throw new UsageError(`The file has no zone ${strange}`, { hint: `It has: ${ofFile?.join(', ')}` });
  const zones = zone.length > 0 ? zone : ofFile;
  const url = authentik ?? authentikUrl ?? config?.authentik?.url;
  if (url === undefined && authentikToken !== undefined && config === undefined)
    throw new ConfigError('There is a token for Authentik, and no address', {
      hint: 'Give its address with --authentik or AUTHENTIK_URL, or unset AUTHENTIK_TOKEN',
    });
  // Without a token, a home of which no file says that it has an Authentik is read as one that has none.
  const isRead = authentikToken !== undefined || config?.authentik !== undefined;
  const named = account ?? config?.cloudflare.account;
  return {
    owner: owner ?? config?.owner ?? 'home',
    ...(named !== undefined && { account: named }),
    ...(config !== undefined && zoneScope(config.cloudflare)),
    ...(zones !== undefined && { zones }),
    ...(url !== undefined && isRead && { authentik: url.replace(/\/$/, '') }),
  };
}
