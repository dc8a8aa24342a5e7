import { RejectedError } from '../../../src/core/errors.ts';
import { sha256 } from '../../../src/core/sha256.ts';
import type { Wire, World } from '../../../src/core/world.ts';

/**
 * The wire to Cloudflare with the token for Workers.
 * @throws RejectedError if there is none.
 */
export function workersWire({ workers }: World): Wire {
  if (workers !== undefined) return workers;
  throw new RejectedError('No token for Workers', {
    hint: 'Set CLOUDFLARE_WORKERS_TOKEN, or CLOUDFLARE_WORKERS_TOKEN_FILE: a file with `identityHeader` needs it, and so does every run until the Workers of an earlier file are removed (docs/permissions.md)',
    facts: { applied: 'no' },
  });
}

/**
 * The name of the Worker of a host, `gates-home-app-example-dev-3f2a91c0`: at most 63 characters. No two owners and hosts
 * share one, so a route that leads to it is the owner's.
 */
export function workerName(owner: string, host: string): string {
  const readable = host.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `gates-${owner}-${readable.slice(0, 30)}-${sha256(`${owner} ${host}`).slice(0, 8)}`;
}

/** The pattern of a route for everything at a host. */
export function routePattern(host: string): string {
  return `${host}/*`;
}
