import { ConfigError } from '../../core/errors.ts';
import { type ReadAccount, readConfigOrTell } from '../surroundings/asked-config.ts';
import { readSettings } from '../surroundings/settings.ts';
import { tell } from '../surroundings/terminal.ts';

export interface ExportFileOptions {
  readonly file: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** The configuration of the file, or none without a file, since an account can be exported before there is one. */
export async function configOrNone(
  options: ExportFileOptions,
): Promise<(Partial<ReadAccount> & Pick<ReadAccount, 'settings'>) | 'mistakes'> {
  try {
    return (await readConfigOrTell(options)) ?? 'mistakes';
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (!(error instanceof ConfigError) || code !== 'ENOENT') throw error;
    if (!options.quiet) tell(`without a file: ${options.file} does not exist`);
    return { settings: readSettings(process.env) };
  }
}
