import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from './account.ts';

/** The API's code for an account that never started Zero Trust (this code is not documented). */
const notEnabled = 'access.api.error.not_enabled';

/** Every page of one of the account's Access lists. Empty for an account without Zero Trust. */
export async function listAccess(
  world: World,
  collection: 'apps' | 'certificates' | 'identity_providers' | 'policies' | 'service_tokens' | 'tags',
): Promise<readonly unknown[]> {
  const path = `${await accountPath(world)}/access/${collection}`;
  try {
    return await world.roster.list(world.cloudflare, path, { per_page: 1000 });
  } catch (error) {
    if (error instanceof RejectedError && error.facts.detail?.includes(notEnabled) === true) return [];
    throw error;
  }
}
