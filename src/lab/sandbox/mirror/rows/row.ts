import { isObject, type Json, type JsonObject } from '../../state/json.ts';

/**
 * A row with the reply's values, where they have the type of the standard row's; null in the standard row stands for an
 * optional text or number.
 */
export function rowFrom<Row extends object>(standard: Row, reply: JsonObject): Row {
  const values = Object.entries(standard).flatMap(([name, value]) => {
    const replied = reply[name];
    return replied !== undefined && isOfSort(value, replied) ? [[name, replied]] : [];
  });
  return { ...standard, ...Object.fromEntries(values) };
}

function isOfSort(standard: unknown, given: Json): boolean {
  if (standard === null) return given === null || typeof given === 'string' || typeof given === 'number';
  if (Array.isArray(standard)) return Array.isArray(given);
  if (typeof standard === 'object') return isObject(given);
  return typeof given === typeof standard;
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The text, or undefined if it is empty. */
export function wordOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function numbersOf(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'number') : [];
}

export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The members of an object except these. */
export function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Puts a row into its table, in place of one with the same key. */
export function put<Row extends object>(table: Row[], key: keyof Row, row: Row): Row {
  const at = table.findIndex((other) => other[key] === row[key]);
  if (at < 0) table.push(row);
  else table[at] = row;
  return row;
}
