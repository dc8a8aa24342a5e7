import type { Observed } from '../../src/core/object.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import { carryOut } from '../carry-out.ts';
import { authentikOf, listAuthentik } from './api.ts';
import { removeUnused } from './used-by.ts';

/** Keyed by its name, which is all that is asked of it: members and what else stands on it are never touched. */
export interface GroupSpec {
  readonly name: string;
}

interface GroupReply {
  readonly pk: string;
  readonly name: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const kind = 'authentik/group';

/** Has a slash so that it collides with nothing: attributes of a group become attributes of its members. */
const marker = 'gates/owner';

/** Who is in a group does not use it. */
const members: ReadonlySet<string> = new Set(['user', 'role']);

export const group: Reconciler<GroupSpec> = {
  kind,
  title: 'Authentik group',
  shareable: true,

  async observe(world) {
    const replies = await listAuthentik(world, '/core/groups/', { include_users: false });
    return replies.map((reply) => observed(reply as GroupReply));
  },

  async write(changes, world) {
    const wire = authentikOf(world);
    return carryOut(changes, async ({ verb, want, have }) => {
      if (verb === 'prune' && have !== undefined)
        await removeUnused(world, `/core/groups/${have.id}/`, members);
      if (want === undefined) return undefined;
      const mark = { [marker]: world.scope.owner };
      if (have === undefined) {
        const made = await wire.post('/core/groups/', { name: want.name, attributes: mark });
        return { id: (made as GroupReply).pk };
      }
      const path = `/core/groups/${have.id}/`;
      const live = (await wire.get(path)) as GroupReply | undefined;
      // Never PUT: one that does not repeat the members takes them all out.
      await wire.patch(path, { attributes: { ...live?.attributes, ...mark } });
      return have.attributes;
    });
  },
};

function observed({ pk, name, attributes }: GroupReply): Observed<GroupSpec> {
  const owner = attributes?.[marker];
  return {
    address: { kind, key: name },
    id: pk,
    owner: typeof owner === 'string' ? owner : undefined,
    spec: { name },
    attributes: { id: pk },
    uses: [],
  };
}
