import type { Config } from '../../config/model/config.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { type AccountOptions, accountAsked } from './accounts.ts';
import { requireService, tellMistakes } from './file.ts';
import type { Settings } from './settings.ts';

/** The configuration of one account, and the settings for it. */
export interface ReadAccount {
  readonly config: Config;
  readonly settings: Settings;
}

/**
 * The configuration of the file, or of the account that is asked for. Undefined if it has mistakes, after printing each of
 * them on stderr.
 * @throws ConfigError if the file cannot be read, or has no such service. UsageError if the file has several accounts.
 */
export async function readConfigOrTell(options: AccountOptions): Promise<ReadAccount | undefined> {
  const { file, color, service } = options;
  const asked = await accountAsked(options);
  if (asked === undefined) return undefined;
  const { text, settings } = asked;
  requireService(text, file, service);
  const read = parseConfig(text);
  if (read.ok) return { config: read.parsed.config, settings };
  tellMistakes(read.mistakes, file, text, color);
  return undefined;
}
