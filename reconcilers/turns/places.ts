import type { Change, Plan } from '../../src/core/change.ts';
import type { World } from '../../src/core/world.ts';
import { outpost } from '../authentik/outpost/outpost.ts';
import { managedTunnels } from '../cloudflare/ingress/ingress-rule.ts';

/** Kinds whose objects are part of an outpost. */
const ofOutposts: ReadonlySet<string> = new Set([
  'authentik/outpost-entry',
  'authentik/outpost-host',
  'authentik/ldap-entry',
]);

/**
 * The documents whose turns a plan needs. A plan with any write takes the turn of each tunnel of the file, so that two
 * state folders of one owner take turns as well; it takes that of an outpost only if it writes the outpost.
 */
export async function documentsOf(plan: Plan, world: World): Promise<readonly string[]> {
  const writes = plan.changes.filter(({ verb }) => verb !== 'keep' && verb !== 'refuse' && verb !== 'verify');
  if (writes.length === 0) return [];
  const tunnels = (await managedTunnels(world)).map(({ id }) => `tunnel ${id}`);
  const inOutposts = writes.filter(({ address }) => ofOutposts.has(address.kind));
  if (inOutposts.length === 0) return tunnels;
  const { authentik } = world.scope;
  const names = inOutposts.map(({ address: { kind } }) =>
    kind === 'authentik/ldap-entry' ? authentik?.ldapOutpost : authentik?.outpost,
  );
  const own = (await world.read(outpost)).filter(({ spec }) => names.includes(spec.name));
  const ids = new Set([...own.map(({ id }) => id), ...inOutposts.flatMap(outpostOf)]);
  return [...tunnels, ...[...ids].map((id) => `outpost ${id}`)];
}

/** The outpost from which a change removes something. */
function outpostOf({ have }: Change): readonly string[] {
  const { outpost } = (have?.spec ?? {}) as { readonly outpost?: string };
  return outpost === undefined ? [] : [outpost];
}
