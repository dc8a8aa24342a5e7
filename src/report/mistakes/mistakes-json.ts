import type { Mistake, Place } from '../../core/mistake.ts';
import { besideMain } from '../../core/sources/source-files.ts';

/** The document of `gates validate --output json`; schema/validate.schema.json describes it. */
interface ValidationDocument {
  readonly version: 1;
  readonly file: string;
  readonly valid: boolean;
  readonly errors: number;
  readonly warnings: number;
  /** In the order of the text. A mistake in an included file names it as `file` would. */
  readonly mistakes: readonly Mistake[];
}

export function validationDocument(mistakes: readonly Mistake[], file: string): ValidationDocument {
  const errors = mistakes.filter(({ severity }) => severity === 'error').length;
  const warnings = mistakes.length - errors;
  const named = <T extends Place>(place: T): T => {
    return place.file === undefined ? place : { ...place, file: besideMain(file, place.file) };
  };
  const shown = mistakes.map(({ also, ...mistake }) => {
    return named({ ...mistake, ...(also !== undefined && { also: also.map(named) }) });
  });
  return { version: 1, file, valid: errors === 0, errors, warnings, mistakes: shown };
}
