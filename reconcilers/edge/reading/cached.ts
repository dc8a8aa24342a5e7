import type { EdgeAnswer } from '../../../src/core/world.ts';

/** Cache statuses of answers that Cloudflare had stored. */
const served: ReadonlySet<string> = new Set(['HIT', 'STALE', 'UPDATING', 'REVALIDATED']);

/** The sign that an answer came from Cloudflare's cache, `HIT`; undefined if it did not. */
export function fromCache({ headers }: EdgeAnswer): string | undefined {
  const status = statusOf(headers);
  if (status !== undefined && served.has(status)) return status;
  return headers.age === undefined ? undefined : `Age: ${headers.age}`;
}

/**
 * The cache's part in an answer to a GET of a file that Cloudflare stores by its name (`/x.css`):
 * - `left-out`: the edge does not store it, whatever the origin says.
 * - `storable`: the edge would store it.
 * - `untold`: the origin itself forbade it (a cookie, a private page), so the edge does not show its own rule.
 * - `unasked`: something before the cache answered.
 */
export type Storing = 'left-out' | 'storable' | 'untold' | 'unasked';

export function storingOf(answer: EdgeAnswer): Storing {
  const status = statusOf(answer.headers);
  if (status === undefined || status === 'NONE' || status === 'UNKNOWN') return 'unasked';
  // A cache rule that bypasses the cache shows as DYNAMIC; a file that is stored by default never does.
  if (status === 'DYNAMIC') return 'left-out';
  if (status !== 'BYPASS') return 'storable';
  return forbidsStoring(answer.headers) ? 'untold' : 'left-out';
}

function statusOf(headers: EdgeAnswer['headers']): string | undefined {
  return headers['cf-cache-status']?.toUpperCase();
}

/** True if the answer has one of the documented reasons for BYPASS without a rule. */
function forbidsStoring(headers: EdgeAnswer['headers']): boolean {
  const control = headers['cache-control'] ?? '';
  return headers['set-cookie'] !== undefined || /private|no-store|no-cache|max-age=0/i.test(control);
}
