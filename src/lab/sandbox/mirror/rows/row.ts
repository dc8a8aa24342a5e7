import { isObject, type Json, type JsonObject } from '../../state/json.ts';

/**
 * A row that has of the reply whatever is of the sort that the standard row has; null in the standard one stands for a
 * text or number that may be missing.
 */
export function rowFrom<Row extends object>(standard: Row, reply: JsonObject): Row {
  const told = Object.entries(standard).flatMap(([name, value]) => {
    const given = reply[name];
    return given !== undefined && isOfSort(value, given) ? [[name, given]] : [];
  });
  return { ...standard, ...Object.fromEntries(told) };
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

/** The same, for a text that says nothing where it is empty. */
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

/** The members of an object but for these. */
export function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Puts a row in its table, in the place of the one that has the same key. */
export function put<Row extends object>(table: Row[], key: keyof Row, row: Row): Row {
  const at = table.findIndex((other) => other[key] === row[key]);
  if (at < 0) table.push(row);
  else table[at] = row;
  return row;
}
