import type { JsonObject } from '../../state/world.ts';
import { CloudflareApiError } from './reply.ts';

/** The paging of one list (facts §1, "List pagination table"). */
export interface PageRule {
  perPage: number;
  max: number;
  min?: number;
  /** True if `result_info` has the number of pages, as at some endpoints. */
  totalPages?: boolean;
}

/**
 * One page of the items and its `result_info`; beyond the end, an empty page. A `per_page` outside the endpoint's
 * bounds is refused with 400 instead of reduced (assumption, docs/sandbox.md).
 */
export function paged<T>(
  items: readonly T[],
  query: URLSearchParams,
  rule: PageRule,
): { page: T[]; info: JsonObject } {
  const page = wholeNumber(query, 'page', 1, 1, Number.MAX_SAFE_INTEGER);
  const perPage = wholeNumber(query, 'per_page', rule.perPage, rule.min ?? 1, rule.max);
  const found = items.slice((page - 1) * perPage, page * perPage);
  const info: JsonObject = { page, per_page: perPage, count: found.length, total_count: items.length };
  if (rule.totalPages === true) info.total_pages = Math.ceil(items.length / perPage);
  return { page: found, info };
}

function wholeNumber(
  query: URLSearchParams,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new CloudflareApiError(400, {
      code: 1003,
      message: `Invalid value for ${name}: must be ${min} to ${max}`,
    });
  }
  return value;
}
