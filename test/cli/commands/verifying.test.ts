import { expect, it } from 'vitest';
import { expectedOf } from '../../../src/cli/commands/verifying.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { twoAccounts } from '../../config/accounts/two-accounts-file.ts';

it('an account that cannot be read is named, and the others are read', async () => {
  const error = new ConfigError('No token for Cloudflare');
  const entered: string[] = [];
  const read = await expectedOf(Buffer.from(twoAccounts), (account) => {
    if (account?.name === 'lan') throw error;
    return {
      reconcilers: [],
      world: (scope) => {
        entered.push(scope.owner);
        // Nothing is read from it.
        return {} as World;
      },
    };
  });
  expect(entered).toEqual(['home-work']);
  expect(read).toEqual({ doors: [], unread: [{ account: 'lan', error }] });
});
