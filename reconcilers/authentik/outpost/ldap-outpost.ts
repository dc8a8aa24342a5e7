import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { readsLdap } from '../provider/ldap-row.ts';
import { type OutpostReply, outpost } from './outpost.ts';

const kind = 'authentik/ldap-outpost';

/**
 * An outpost that speaks LDAP, which gates only looks up, because somebody has to run it. Keyed by its name; attribute
 * `id`. Read only for a file with LDAP clients.
 */
export const ldapOutpost: Reconciler<object> = {
  kind,
  title: 'Authentik LDAP outpost',
  traits: { unmarked: true },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const found = await ldapOutposts(world);
    return found.map(({ id, spec: { name } }) => ({
      address: { kind, key: name },
      id,
      owner: undefined,
      spec: {},
      attributes: { id },
      uses: [],
    }));
  },
};

/** The outposts that speak LDAP, as they were read; none if they do not matter to this run. */
export async function ldapOutposts(world: World): Promise<readonly Observed<OutpostReply>[]> {
  if (!(await readsLdap(world))) return [];
  return (await world.read(outpost)).filter(({ spec }) => spec.type === 'ldap');
}
