import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.ts';
import type { Redactor } from '../redaction.ts';
import { isOwnFile } from './own-files.ts';

/** The place of a secret in gates.yaml: an environment variable, or a file. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

export interface SecretReaderOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Files and directories that no gates.yaml may name: otherwise anybody who can push a file could make gates send its
   * own secrets elsewhere.
   */
  readonly own: readonly string[];
  readonly redactor: Redactor;
}

/** The most characters of a secret. */
const MOST = 4_096;

/**
 * Reads secrets that gates.yaml refers to, and keeps them out of every output from then on.
 * @throws ConfigError if there is none, or if the value cannot be a secret.
 */
export function createSecretReader({
  environment,
  own,
  redactor,
}: SecretReaderOptions): (place: SecretPlace) => Promise<string> {
  return async (place) => {
    const value = 'env' in place ? fromEnvironment(environment, place.env) : await fromFile(place.file, own);
    redactor.register(value);
    return value;
  };
}

function fromEnvironment(environment: SecretReaderOptions['environment'], name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') {
    throw new ConfigError('A secret that the file refers to is not set', {
      hint: `Set the environment variable ${name} where the daemon runs`,
    });
  }
  return value;
}

async function fromFile(file: string, own: readonly string[]): Promise<string> {
  if (await isOwnFile(file, own)) {
    throw new ConfigError('A file of gates itself is not for others', {
      hint: `Put the secret into a file of its own, instead of ${file}`,
    });
  }
  const value = (await readText(file)).replace(/\r?\n$/, '');
  if (value === '' || value.length > MOST || /\p{Cc}/u.test(value)) {
    throw new ConfigError('A file that is referred to holds no secret', {
      hint: `${file} has to hold one line, and nothing else`,
    });
  }
  return value;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('A secret that the file refers to cannot be read', {
      hint: `See that ${file} is there, and that the daemon may read it`,
      cause,
    });
  }
}
