import type { Secret } from '../../../schema/generated/config.ts';

/** The source of a secret: an environment variable, or a file. */
export type SecretSource = { readonly env: string } | { readonly file: string };

/** The source of a secret. The schema has checked that exactly one of the two keys is there. */
export function secretSourceOf(given: Secret): SecretSource {
  return given.file === undefined ? { env: given.env ?? '' } : { file: given.file };
}
