import type { Config } from '../../config/model/config.ts';
import { ConfigError } from '../../core/errors.ts';
import { readConfigOrTell } from '../surroundings/file.ts';
import { tell } from '../surroundings/terminal.ts';

export interface ExportFileOptions {
  readonly file: string;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** The configuration of the file; undefined without a file, since an account can be exported before there is one. */
export async function configOrNone(options: ExportFileOptions): Promise<Config | 'mistakes' | undefined> {
  try {
    return (await readConfigOrTell(options)) ?? 'mistakes';
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (!(error instanceof ConfigError) || code !== 'ENOENT') throw error;
    if (!options.quiet) tell(`without a file: ${options.file} does not exist`);
    return undefined;
  }
}
