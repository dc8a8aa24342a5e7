import type { Query } from '../core/world.ts';

export type ExportedSystem = 'cloudflare' | 'authentik';

/** A value of JSON, as an API sends it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonMembers;

export interface JsonMembers {
  readonly [member: string]: JsonValue;
}

/** The answer of a system to one question: a complete list, or one object. */
export interface ExportedAnswer {
  readonly system: ExportedSystem;
  /** Below the base URL of the API: `/zones`, `/core/groups/`. */
  readonly path: string;
  readonly query?: Query;
  readonly content: { readonly items: readonly JsonValue[] } | { readonly object: JsonValue };
}

/** A question that a system refused. */
export interface RefusedQuestion {
  readonly system: ExportedSystem;
  readonly path: string;
  readonly status: number;
}

/** The answers of both systems at one time. */
export interface SystemsExport {
  /** The id of the account. */
  readonly account: string;
  /** The names of the zones that were read. */
  readonly zones: readonly string[];
  /** True if names, addresses and IPs are replaced. */
  readonly isAnonymized: boolean;
  readonly answers: readonly ExportedAnswer[];
  readonly refused: readonly RefusedQuestion[];
}

export function isMembers(value: JsonValue | undefined): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of an answer. */
export function objectsOf({ content }: ExportedAnswer): readonly JsonValue[] {
  return 'items' in content ? content.items : [content.object];
}

/** The members that identify an object in its list; the first that it has counts. */
const keys = ['id', 'pk', 'operation_id', 'name', 'slug'];

/** The identity of an object in its list. */
export function exportedKey(object: JsonValue): string {
  const named = isMembers(object) ? keys.map((key) => object[key]) : [];
  const key = named.find((value) => typeof value === 'string' || typeof value === 'number');
  return key === undefined ? JSON.stringify(object) : String(key);
}

/** The value with the members of each object in the order of their names, so that equal values have equal texts. */
export function inMemberOrder(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inMemberOrder);
  if (!isMembers(value)) return value;
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members.map(([name, inner]) => [name, inMemberOrder(inner)]));
}
