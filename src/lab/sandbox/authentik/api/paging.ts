import type { JsonObject } from '../../state/json.ts';
import { AuthentikApiError, type AuthentikReply, ok } from './reply.ts';
import type { AuthentikCall } from './router.ts';

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

export interface ListPage<T> {
  items: T[];
  pagination: JsonObject;
}

/** One page, by number; a size above 100 is silently reduced to 100 (facts §1.2). */
export function pageOf<T>(items: readonly T[], query: URLSearchParams): ListPage<T> {
  const size = pageSize(query.get('page_size'));
  const pages = Math.max(1, Math.ceil(items.length / size));
  const current = pageNumber(query.get('page'), pages);
  const start = (current - 1) * size;
  const found = items.slice(start, start + size);
  return {
    items: found,
    pagination: {
      next: current < pages ? current + 1 : 0,
      previous: current - 1,
      count: items.length,
      current,
      total_pages: pages,
      start_index: items.length === 0 ? 0 : start + 1,
      end_index: start + found.length,
    },
  };
}

/** The envelope of every list; `autocomplete` describes the query language that two of them have. */
export function listReply(
  pagination: JsonObject,
  results: JsonObject[],
  autocomplete: JsonObject = {},
): AuthentikReply {
  return ok({ pagination, results, autocomplete });
}

/** Rows in the order of `?ordering=`: by member, reversed with `-`. */
export function ordered<T extends object>(call: AuthentikCall, rows: readonly T[], standard: string): T[] {
  const members = (call.query.get('ordering') ?? standard).split(',').map((name) => name.trim());
  const [first] = rows;
  const names = members.filter((name) => first !== undefined && name.replace(/^-/, '') in first);
  return [...rows].sort((a, b) => {
    for (const name of names) {
      const field = name.replace(/^-/, '');
      const order = compared(member(a, field), member(b, field));
      if (order !== 0) return name.startsWith('-') ? -order : order;
    }
    return 0;
  });
}

function member(row: object, field: string): unknown {
  return (row as { [field: string]: unknown })[field];
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a ?? ''), String(b ?? '')];
  return left < right ? -1 : left > right ? 1 : 0;
}

function pageSize(text: string | null): number {
  const value = Number(text ?? '');
  if (!Number.isInteger(value) || value <= 0) return DEFAULT_PAGE_SIZE;
  return Math.min(value, MAX_PAGE_SIZE);
}

function pageNumber(text: string | null, pages: number): number {
  if (text === null || text === '') return 1;
  const value = text === 'last' ? pages : Number(text);
  if (!Number.isInteger(value) || value < 1 || value > pages) {
    throw new AuthentikApiError(404, { detail: 'Invalid page.' });
  }
  return value;
}
