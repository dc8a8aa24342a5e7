import { UnreachableError } from '../../core/errors.ts';
import type { Query } from '../../core/world.ts';
import { type ListReading, readWhole } from '../http/list-reading.ts';

export interface ResultInfo {
  readonly page?: number;
  readonly per_page?: number;
  readonly total_pages?: number;
  readonly total_count?: number;
  /** The place of the next page in the audit log (facts §1: the SDK searches for it at the place for rulesets). */
  readonly cursor?: string;
}

/** An answer of a list. */
interface Page {
  readonly result?: unknown;
  readonly result_info?: ResultInfo | null;
}

/** A list that continues after this many pages has no end. */
const MOST_PAGES = 1000;

/** Every page of a list. */
export function listWhole(ask: (query: Query) => Promise<Page>, query: Query): Promise<readonly unknown[]> {
  return readWhole('Cloudflare', () => listPages(ask, query));
}

/** A page of a list with cursors. */
export function pageOf({ result, result_info: info }: Page): {
  readonly items: readonly unknown[];
  readonly cursor?: string;
} {
  const items = result ?? [];
  if (!Array.isArray(items)) throw notAList('the result is not a list');
  const cursor = info?.cursor;
  return typeof cursor === 'string' && cursor !== '' ? { items, cursor } : { items };
}

async function listPages(ask: (query: Query) => Promise<Page>, query: Query): Promise<ListReading> {
  const items: unknown[] = [];
  const counts = new Set<number>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const reply = await ask({ ...query, page });
    // Some lists return null for "none"; any other value that is not a list says nothing about the objects.
    const found = reply.result ?? [];
    if (!Array.isArray(found)) throw notAList('the result is not a list');
    items.push(...found);
    const info = reply.result_info ?? {};
    if (info.total_count !== undefined) counts.add(info.total_count);
    if (isLastPage(found.length, page, info, query.per_page)) return { items, counts };
  }
  throw notAList('the list has no end');
}

function isLastPage(count: number, page: number, info: ResultInfo, askedPage: Query[string]): boolean {
  // Without this, a server that answers with another page than requested would be read forever.
  if (count === 0 || (info.page !== undefined && info.page !== page)) return true;
  if (info.total_pages !== undefined && page >= info.total_pages) return true;
  const size = info.per_page ?? (typeof askedPage === 'number' ? askedPage : undefined);
  return size === undefined || count < size;
}

function notAList(detail: string): UnreachableError {
  return new UnreachableError('The answer is not one of the Cloudflare API', {
    hint: 'See whether CLOUDFLARE_BASE_URL is right and no proxy answers in its place',
    facts: { detail, applied: 'no' },
  });
}
