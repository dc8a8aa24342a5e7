import { UnreachableError } from '../core/errors.ts';
import type { Query } from '../core/world.ts';

export interface ResultInfo {
  readonly page?: number;
  readonly per_page?: number;
  readonly total_pages?: number;
  readonly total_count?: number;
}

/** An answer of a list. */
interface Page {
  readonly result?: unknown;
  readonly result_info?: ResultInfo | null;
}

/** Times that a list is read from its beginning, when it changed while it was read. */
const MOST_READINGS = 4;

/** A list that goes on after this many pages has no end. */
const MOST_PAGES = 1000;

/**
 * Every page of a list. Pages are cut from the list as it is at that moment: when it changed in between, an object may
 * have slipped through, and its number is not the one that the API tells. Then it is read again from the beginning. A
 * number that is wrong twice in the same way is a mistake of the API, and the list counts.
 */
export async function listWhole(
  ask: (query: Query) => Promise<Page>,
  query: Query,
): Promise<readonly unknown[]> {
  let before: string | undefined;
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    const { items, isWhole } = await listPages(ask, query);
    if (isWhole) return items;
    const text = JSON.stringify(items);
    if (text === before) return items;
    before = text;
  }
  throw new UnreachableError('A list of Cloudflare changes faster than it can be read', {
    hint: 'It may pass by itself',
    facts: { applied: 'no' },
  });
}

interface Listed {
  readonly items: readonly unknown[];
  /** False when the list changed while it was read. */
  readonly isWhole: boolean;
}

async function listPages(ask: (query: Query) => Promise<Page>, query: Query): Promise<Listed> {
  const items: unknown[] = [];
  const totals = new Set<number>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const reply = await ask({ ...query, page });
    // Some lists say null for "none"; anything else that is not a list says nothing about what there is.
    const found = reply.result ?? [];
    if (!Array.isArray(found)) throw notAList('the result is not a list');
    items.push(...found);
    const info = reply.result_info ?? {};
    if (info.total_count !== undefined) totals.add(info.total_count);
    if (!isLastPage(found.length, page, info, query.per_page)) continue;
    const isCounted = totals.size === 0 || (totals.size === 1 && totals.has(items.length));
    return { items, isWhole: isCounted && areDistinct(items) };
  }
  throw notAList('the list has no end');
}

/** An object that moved from one page to the next is listed twice. */
function areDistinct(items: readonly unknown[]): boolean {
  const ids = items.flatMap((item) => {
    const { id } = (item ?? {}) as { readonly id?: unknown };
    return id === undefined ? [] : [id];
  });
  return new Set(ids).size === ids.length;
}

function isLastPage(count: number, page: number, info: ResultInfo, asked: Query[string]): boolean {
  // A server that answers another page than the one asked for would be read for ever.
  if (count === 0 || (info.page !== undefined && info.page !== page)) return true;
  if (info.total_pages !== undefined && page >= info.total_pages) return true;
  const size = info.per_page ?? (typeof asked === 'number' ? asked : undefined);
  return size === undefined || count < size;
}

function notAList(detail: string): UnreachableError {
  return new UnreachableError('The answer is not one of the Cloudflare API', {
    hint: 'See whether CLOUDFLARE_BASE_URL is right and no proxy answers in its place',
    facts: { detail, applied: 'no' },
  });
}
