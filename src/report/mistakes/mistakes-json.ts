import type { Mistake } from '../../core/mistake.ts';

/** The document of `gates validate --output json`; schema/validate.schema.json describes it. */
interface ValidationDocument {
  readonly version: 1;
  readonly file: string;
  readonly valid: boolean;
  readonly errors: number;
  readonly warnings: number;
  /** In the order of the text. */
  readonly mistakes: readonly Mistake[];
}

export function validationDocument(mistakes: readonly Mistake[], file: string): ValidationDocument {
  const errors = mistakes.filter(({ severity }) => severity === 'error').length;
  const warnings = mistakes.length - errors;
  return { version: 1, file, valid: errors === 0, errors, warnings, mistakes };
}
