// Generated from schema/gates.schema.json by `npm run generate`; do not edit.
import type { GatesFile } from './config.ts';

export interface ValidationError {
  /** JSON Pointer of the value. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Whether a value follows the schema; when not, `validate.errors` says everything that is wrong. */
export function validate(data: unknown): data is GatesFile;
export namespace validate {
  const errors: readonly ValidationError[] | null | undefined;
}

/** What a pattern of the schema stands for, in words. */
export const expected: Readonly<Record<string, string>>;
