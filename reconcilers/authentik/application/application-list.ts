import type { World } from '../../../src/core/world.ts';
import { authentikOf } from '../reading/api.ts';

interface Page {
  readonly pagination: { readonly count: number };
  readonly results: readonly unknown[];
}

/** The most entries of a page. */
const pageSize = 100;

/**
 * The list of applications if one page shows all of them, as in most homes; else undefined. The count includes those
 * that the token's user may not see, so a page with as many entries omits none, whoever the user is.
 */
export async function wholeList(world: World, path: string): Promise<readonly unknown[] | undefined> {
  const query = { superuser_full_list: true, page_size: pageSize };
  const page = (await world.authentik?.get(path, query)) as Partial<Page> | undefined;
  const isWhole = page?.results !== undefined && page.results.length === page.pagination?.count;
  return isWhole ? world.roster.complete(authentikOf(world), path, page.results) : undefined;
}
