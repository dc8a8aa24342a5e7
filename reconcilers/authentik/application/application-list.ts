import type { World } from '../../../src/core/world.ts';
import { authentikOf } from '../reading/api.ts';

interface Page {
  readonly pagination: { readonly count: number };
  readonly results: readonly unknown[];
}

/** The most entries that the API gives. */
const pageSize = 100;

/**
 * The list of applications where one page shows every one that there is, which most homes have; else undefined. The
 * count is of all, also where the token's user sees only some, so that a page with as many has left out none: who
 * the user is need not be asked.
 */
export async function wholeList(world: World, path: string): Promise<readonly unknown[] | undefined> {
  const query = { superuser_full_list: true, page_size: pageSize };
  const page = (await world.authentik?.get(path, query)) as Partial<Page> | undefined;
  const isWhole = page?.results !== undefined && page.results.length === page.pagination?.count;
  return isWhole ? world.roster.complete(authentikOf(world), path, page.results) : undefined;
}
