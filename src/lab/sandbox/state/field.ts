import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';

/** The test of a field's values, and the words for it. */
export interface FieldRule {
  says: string;
  holds(value: unknown): boolean;
}

export type FieldTable = { readonly [name: string]: FieldRule };

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export const text: FieldRule = { says: 'must be a string', holds: (value) => typeof value === 'string' };
export const webAddress: FieldRule = {
  says: 'must be a URL with http or https',
  holds: (value) => typeof value === 'string' && /^https?:\/\/[^/\s]+/.test(value) && URL.canParse(value),
};
export const flag: FieldRule = { says: 'must be a boolean', holds: (value) => typeof value === 'boolean' };
export const integer: FieldRule = { says: 'must be an integer', holds: (value) => Number.isInteger(value) };
export const texts: FieldRule = { says: 'must be an array of strings', holds: isStringArray };
export const object: FieldRule = { says: 'must be an object', holds: isObject };
export const list: FieldRule = { says: 'must be an array', holds: Array.isArray };
/** A computed field that clients send back as they read it: accepted and ignored. */
export const ignored: FieldRule = { says: '', holds: () => true };

export function orNull(rule: FieldRule): FieldRule {
  return { says: `${rule.says} or null`, holds: (value) => value === null || rule.holds(value) };
}

export function oneOf(...allowed: readonly string[]): FieldRule {
  return {
    says: `must be one of ${allowed.join(', ')}`,
    holds: (value) => typeof value === 'string' && allowed.includes(value),
  };
}

export function numberWithin(min: number, max: number): FieldRule {
  return {
    says: `must be a number from ${min} to ${max}`,
    holds: (value) => typeof value === 'number' && value >= min && value <= max,
  };
}

export const dateTime: FieldRule = {
  says: 'must be an RFC 3339 time',
  holds: (value) =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(value) &&
    !Number.isNaN(Date.parse(value)),
};

/** The first mistake in the object's fields, or null; an unknown field is a mistake too. */
export function fieldMistake(given: JsonObject, table: FieldTable): string | null {
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(table, name) ? table[name] : undefined;
    if (rule === undefined) return `unknown field '${name}'`;
    if (!rule.holds(value)) return `'${name}' ${rule.says}`;
  }
  return null;
}

export function stringOf(value: Json | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
