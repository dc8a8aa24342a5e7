import { RejectedError } from '../../../src/core/errors.ts';
import type { Query, Wire, World } from '../../../src/core/world.ts';

/** Every page of one of Authentik's lists. Empty, and without a call, if the file has no Authentik. */
export async function listAuthentik(world: World, path: string, query?: Query): Promise<readonly unknown[]> {
  return world.authentik === undefined ? [] : world.roster.list(world.authentik, path, query);
}

/** The client for writes. Without an Authentik in the file, no plan writes to one. */
export function authentikOf(world: World): Wire {
  if (world.authentik === undefined) {
    throw new RejectedError('The file has no Authentik', { hint: 'Add `authentik:` with `url`' });
  }
  return world.authentik;
}
