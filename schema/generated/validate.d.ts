// Generated from schema/gates.schema.json by `npm run generate`; do not edit.
import type { GatesFile } from './config.ts';

export interface ValidationError {
  /** JSON Pointer of the value. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** True if a value follows the schema; if not, `validate.errors` says everything that is wrong. */
export function validate(data: unknown): data is GatesFile;
export namespace validate {
  const errors: readonly ValidationError[] | null | undefined;
}

/** What the schema says about a place, as far as a message about a mistake there needs it. */
export interface Outline {
  readonly $ref?: string;
  readonly title?: string;
  readonly pattern?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Outline>>;
  readonly additionalProperties?: Outline | boolean;
  readonly items?: Outline;
}

export const outline: Outline & { readonly $defs: Readonly<Record<string, Outline>> };
