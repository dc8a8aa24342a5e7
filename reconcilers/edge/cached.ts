import type { EdgeAnswer } from '../../src/core/world.ts';

/** Statuses of answers that Cloudflare had stored. */
const served: ReadonlySet<string> = new Set(['HIT', 'STALE', 'UPDATING', 'REVALIDATED']);

/** How an answer shows that it came from Cloudflare's cache, `HIT`; undefined where it does not. */
export function fromCache({ headers }: EdgeAnswer): string | undefined {
  const status = statusOf(headers);
  if (status !== undefined && served.has(status)) return status;
  return headers.age === undefined ? undefined : `Age: ${headers.age}`;
}

/**
 * The cache's part in an answer to a GET of a file that Cloudflare stores by its name (`/x.css`):
 * - `left-out`: the edge does not store it, whatever the origin says.
 * - `storable`: it would.
 * - `untold`: the origin itself forbade it (a cookie, a private page), and so might have hidden that it would.
 * - `unasked`: something before the cache answered.
 */
export type Storing = 'left-out' | 'storable' | 'untold' | 'unasked';

export function storingOf(answer: EdgeAnswer): Storing {
  const status = statusOf(answer.headers);
  if (status === undefined || status === 'NONE' || status === 'UNKNOWN') return 'unasked';
  // A rule that bypasses the cache is told as DYNAMIC; a name that is stored by default never is.
  if (status === 'DYNAMIC') return 'left-out';
  if (status !== 'BYPASS') return 'storable';
  return forbidsStoring(answer.headers) ? 'untold' : 'left-out';
}

function statusOf(headers: EdgeAnswer['headers']): string | undefined {
  return headers['cf-cache-status']?.toUpperCase();
}

/** The reasons that are documented for BYPASS without a rule. */
function forbidsStoring(headers: EdgeAnswer['headers']): boolean {
  const control = headers['cache-control'] ?? '';
  return headers['set-cookie'] !== undefined || /private|no-store|no-cache|max-age=0/i.test(control);
}
