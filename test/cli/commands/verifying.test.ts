import { expect, it } from 'vitest';
import { expectedOf } from '../../../src/cli/commands/verifying.ts';
import { UnreachableError } from '../../../src/core/errors.ts';
import { twoAccounts } from '../../config/accounts/two-accounts-file.ts';

it('every account that cannot be read is named, whichever step fails', async () => {
  const [early, late] = ['No token for Cloudflare', 'Cloudflare does not answer'].map(
    (message) => new UnreachableError(message),
  );
  const read = await expectedOf(Buffer.from(twoAccounts), (account) => {
    if (account?.name === 'lan') throw early;
    return {
      reconcilers: [],
      world: () => {
        throw late;
      },
    };
  });
  expect(read).toEqual({
    doors: [],
    unread: [
      { account: 'lan', error: early },
      { account: 'work', error: late },
    ],
  });
});
