import path from 'node:path';
import { type FileResult, type ParsedAccount, parseFile } from '../../config/parse-config.ts';
import { withAccount } from '../../core/sources/source-files.ts';
import { readGatesFile, tellMistakes } from './file.ts';
import { variableOf, variablesOf } from './named-variables.ts';
import { readSettings, requireOwnEdge, type Settings } from './settings.ts';
import { tell, tellError } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** One account of a file, and the settings for it. */
export interface AskedAccount {
  /** Undefined if the account has no name. */
  readonly name: string | undefined;
  /** The file, packed with the name of the account. */
  readonly text: Uint8Array;
  readonly settings: Settings;
}

export interface AccountOptions {
  readonly file: string;
  readonly color: boolean;
  /** Name of the account that is meant. */
  readonly account?: string | undefined;
  /** A service that is meant: without `account`, only its account counts. */
  readonly service?: string | undefined;
}

/**
 * The accounts that a command concerns. None after printing the mistakes of a file with several; a file with one, or without
 * any that can be read, is left to the command.
 * @throws UsageError for an account that the file lacks, ConfigError if the file or the environment cannot be read.
 */
export async function accountsAsked(options: AccountOptions): Promise<readonly AskedAccount[]> {
  const text = await readGatesFile(options.file);
  return accountsIn(text, options, readSettings(process.env));
}

/** The same for a text that was read already. */
export function accountsIn(
  text: Uint8Array,
  { file, color, account, service }: AccountOptions,
  settings: Settings,
): readonly AskedAccount[] {
  const read = parseFile(text);
  if (!read.ok && read.names.length > 0) {
    tellMistakes(read.mistakes, file, text, color);
    return [];
  }
  const accounts = read.ok ? read.accounts.filter(({ name }) => name !== undefined) : [];
  if (read.ok) tellUnknownVariables(read, settings, file);
  if (account !== undefined && read.ok && !accounts.some(({ name }) => name === account)) {
    const names = accounts.map(({ name }) => name).join(', ');
    throw new UsageError(`${file} has no account "${account}"`, {
      hint: names === '' ? 'It has one, without a name: leave --account out' : `It has: ${names}`,
    });
  }
  if (accounts.length === 0) return [{ name: undefined, text, settings }];
  const having = accounts.filter(({ config }) => service === undefined || config.services.has(service));
  const chosen = account === undefined ? having : accounts.filter(({ name }) => name === account);
  // A service that no account has is reported by the first.
  return (chosen.length > 0 ? chosen : accounts.slice(0, 1)).map((each) => ({
    name: each.name,
    text: withAccount(text, each.name),
    settings: settingsOf(settings, each),
  }));
}

/**
 * The only account that a command concerns; undefined after printing the mistakes of the file.
 * @throws UsageError if the file has several and none is chosen.
 */
export async function accountAsked(options: AccountOptions): Promise<AskedAccount | undefined> {
  return onlyAccount(await accountsAsked(options), options.file);
}

/** @throws UsageError for several accounts: the command concerns one. */
export function onlyAccount(accounts: readonly AskedAccount[], file: string): AskedAccount | undefined {
  if (accounts.length <= 1) return accounts[0];
  const names = accounts.map(({ name }) => name).join(', ');
  throw new UsageError(`${file} has several accounts`, { hint: `Choose one with --account: ${names}` });
}

/** The settings for one account: a named one has tokens, addresses and a state folder of its own. */
export function settingsOf(
  settings: Settings,
  { name, server }: Pick<ParsedAccount, 'name' | 'server'>,
): Settings {
  if (name === undefined) return settings;
  const { named, stateDir, tokenVariables } = settings;
  const cloudflare = variableOf('CLOUDFLARE_API_TOKEN', name);
  const workers = variableOf('CLOUDFLARE_WORKERS_TOKEN', name);
  const own = {
    ...settings,
    account: name,
    accountDir: path.join(stateDir, 'accounts', name),
    cloudflareToken: named.get(cloudflare),
    workersToken: named.get(workers),
    cloudflareBaseUrl: named.get(variableOf('CLOUDFLARE_BASE_URL', name)) ?? settings.cloudflareBaseUrl,
    probeEdge: named.get(variableOf('GATES_PROBE_EDGE', name)) ?? settings.probeEdge,
    tokenVariables: { ...tokenVariables, cloudflare, workers },
  };
  requireOwnEdge(own);
  if (server === undefined) return own;
  const authentik = variableOf('AUTHENTIK_TOKEN', server);
  return {
    ...own,
    authentikToken: named.get(authentik),
    authentikUrl: named.get(variableOf('AUTHENTIK_URL', server)),
    tokenVariables: { cloudflare, workers, authentik },
  };
}

/** Variables for names that the file lacks: a mistyped name would leave an account without a token. */
export function unknownVariables(
  { accounts }: Extract<FileResult, { ok: true }>,
  { named }: Settings,
): readonly string[] {
  const known = accounts.flatMap(({ name, server, config }) => [
    ...[...config.cloudflare.zoneTokens.values()].flatMap((token) => variablesOf('zone', token)),
    ...(name === undefined ? [] : variablesOf('account', name)),
    ...(server === undefined ? [] : variablesOf('server', server)),
  ]);
  return [...named.keys()].filter((variable) => !known.includes(variable));
}

/** Warns of each variable with a name that the file lacks. */
export function tellUnknownVariables(
  read: Extract<FileResult, { ok: true }>,
  settings: Settings,
  file: string,
): void {
  for (const variable of unknownVariables(read, settings))
    tell(`warning: ${variable} is set, and ${file} has nothing of that name`);
}

/**
 * Does the same in each account, one after the other: an error in one does not stop the others. Returns the worst exit code:
 * 1 before 2 before 0.
 */
export async function inEachAccount(
  accounts: readonly AskedAccount[],
  act: (account: AskedAccount) => Promise<number>,
): Promise<number> {
  const [only] = accounts;
  if (only !== undefined && accounts.length === 1) return act(only);
  const codes: number[] = [];
  for (const account of accounts) {
    codes.push(
      await act(account).catch((error: unknown) => {
        if (error instanceof UsageError) throw error;
        tellError(error, account.name);
        return 1;
      }),
    );
  }
  const names = (failed: boolean) =>
    accounts.filter((_, index) => (codes[index] === 1) === failed).map(({ name }) => name);
  const rest = names(false).length > 0 ? `; complete: ${names(false).join(', ')}` : '';
  if (names(true).length > 0) tell(`Accounts that are not complete: ${names(true).join(', ')}${rest}`);
  return codes.length === 0 || codes.includes(1) ? 1 : Math.max(...codes);
}
