import { UnreachableError } from '../../core/errors.ts';

/** A list as read once, from its first page to its last. */
export interface ListReading {
  readonly items: readonly unknown[];
  /** The numbers of items that the pages report; empty if none does. */
  readonly counts: ReadonlySet<number>;
  /** A page was gone that had just existed. */
  readonly isCutOff?: true;
}

/** The most times that a list is read from its beginning because it changed meanwhile. */
const MOST_READINGS = 4;

/**
 * The items of a list. The API cuts pages from the current list: if it changes in between, an object may be missing or
 * listed twice, and the number of items differs from the API's. Then the list is read again from the beginning. If a
 * number is wrong twice in the same way, it is a mistake of the API, and the list counts.
 */
export async function readWhole(
  system: 'Cloudflare' | 'Authentik',
  read: () => Promise<ListReading>,
): Promise<readonly unknown[]> {
  let before: string | undefined;
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    const { items, counts, isCutOff = false } = await read();
    const isSteady = counts.size <= 1 && !isCutOff;
    const isCounted = counts.size === 0 || counts.has(items.length);
    if (isSteady && isCounted && areDistinct(items)) return items;
    const text = isSteady ? JSON.stringify(items) : undefined;
    if (text !== undefined && text === before) return items;
    before = text;
  }
  throw new UnreachableError(`A list of ${system} changes faster than it can be read`, {
    hint: 'It may pass by itself',
    facts: { applied: 'no' },
  });
}

/** An object that moved from one page to the next is listed twice. */
function areDistinct(items: readonly unknown[]): boolean {
  const ids = items.flatMap((item) => {
    const { id, pk } = Object(item) as { readonly id?: unknown; readonly pk?: unknown };
    return id ?? pk ?? [];
  });
  return new Set(ids).size === ids.length;
}
