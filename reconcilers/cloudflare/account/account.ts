import { RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';

/** The account, of which gates uses only the id; it has nothing to compare. */
export type AccountSpec = Readonly<Record<string, never>>;

interface AccountReply {
  readonly id: string;
  readonly name: string;
}

const kind = 'cloudflare/account';

/** Keyed as in the file, by id or by exact name; attribute `id`. gates uses an id without a call. */
export const account: Reconciler<AccountSpec> = {
  kind,
  title: 'account',
  traits: { unmarked: true, plain: true },

  async observe(world) {
    const key = world.scope.account;
    if (/^[0-9a-f]{32}$/.test(key)) return [observed(key, key)];
    const replies = (await world.cloudflare.list('/accounts', { per_page: 50 })) as readonly AccountReply[];
    const ids = replies.filter(({ name }) => name === key).map(({ id }) => id);
    if (ids.length > 1) {
      throw new UnsafeError('Several accounts have this name', {
        hint: `Set cloudflare.account to one of their ids: ${ids.join(', ')}`,
        facts: { address: `${kind}:${key}` },
      });
    }
    return ids.map((id) => observed(key, id));
  },
};

/**
 * The path of everything in the account, `/accounts/<id>`.
 * @throws RejectedError if the token cannot see the account of the file.
 */
export async function accountPath(world: World): Promise<string> {
  const [found] = await world.read(account);
  if (found === undefined) {
    throw new RejectedError('The token sees no account of this name', {
      hint: 'See whether cloudflare.account is its exact name or id, and give the token the permission "Account / Account Settings / Read"',
      facts: { address: `${kind}:${world.scope.account}` },
    });
  }
  return `/accounts/${found.id}`;
}

function observed(key: string, id: string): Observed<AccountSpec> {
  return { address: { kind, key }, id, owner: undefined, spec: {}, attributes: { id }, uses: [] };
}
