import type { JsonObject } from '../../state/json.ts';
import type { Copy } from '../rows/copy.ts';
import type { Told, ToldKind } from './authentik-told.ts';

/** The objects of Authentik in the replies, on their way into the copy. */
export interface AuthentikCopy extends Copy {
  told: Told;
}

/**
 * The rows of all objects of a kind, from their own endpoints or from inside others. An object without a valid key is
 * omitted.
 */
export function mirroredRows<Row>(
  { omissions }: Copy,
  { objects, glimpsed }: ToldKind,
  what: string,
  read: (object: JsonObject) => Row | null,
): Row[] {
  return [...objects, ...glimpsed].flatMap(([key, object]) => {
    const row = read(object);
    if (row !== null) return [row];
    omissions.leaveOut(what, key, 'its reply does not say what it is called');
    return [];
  });
}

/**
 * The table of a kind with these rows: without stock if the kind was read, else without stock that has the same key or
 * the same name.
 */
export function tableWith<Row extends object>(
  stock: readonly Row[],
  told: ToldKind,
  rows: readonly Row[],
  ...names: readonly (keyof Row)[]
): Row[] {
  const wasRead = told.isWhole || told.objects.size > 0;
  const isTold = (row: Row) => rows.some((other) => names.some((name) => other[name] === row[name]));
  return [...(wasRead ? [] : stock.filter((row) => !isTold(row))), ...rows];
}

/**
 * Rows for unread objects that others name, so that a call may name them again; none if the list of the kind was read
 * completely.
 */
export function standIns<Row extends object, Key extends string | number>(
  { isWhole }: ToldKind,
  table: Row[],
  member: keyof Row,
  named: readonly (Key | null | undefined)[],
  make: (key: Key) => Row,
): void {
  if (isWhole) return;
  const known = new Set<unknown>(table.map((row) => row[member]));
  for (const key of new Set(named)) {
    if (key !== null && key !== undefined && !known.has(key)) table.push(make(key));
  }
}
