import type { Address, Kind } from '../../../src/core/objects/address.ts';
import { readName } from '../../../src/core/objects/marker.ts';
import type { World } from '../../../src/core/world.ts';
import { listAuthentik } from '../reading/api.ts';
import { oauth2Row } from './oauth2-row.ts';
import { proxyProvider } from './proxy-provider.ts';

/**
 * A list of what only clients need, read only where that can matter: the file has clients, one of ours is still
 * there, or something of the kind was made and is not known to be gone. A home without clients saves the calls.
 */
export async function listForClients(world: World, kind: Kind, path: string): Promise<readonly unknown[]> {
  const matters =
    world.scope.authentik?.clients === true ||
    (await world.notes.list(topicOf(kind))).length > 0 ||
    (await hasClients(world));
  return matters ? listAuthentik(world, path) : [];
}

/** Said before it is made. */
export function noteForClients(world: World, { kind, key }: Address): Promise<void> {
  return world.notes.put(topicOf(kind), key);
}

/** Said once it is gone. */
export function clearForClients(world: World, { kind, key }: Address): Promise<void> {
  return world.notes.clear(topicOf(kind), key);
}

function topicOf(kind: Kind): string {
  return kind.replace('/', '-');
}

async function hasClients(world: World): Promise<boolean> {
  const [rows, proxies] = await Promise.all([world.read(oauth2Row), world.read(proxyProvider)]);
  const proxyIds = new Set(proxies.map(({ id }) => id));
  return rows.some(({ id, spec }) => !proxyIds.has(id) && readName(spec.name).owner === world.scope.owner);
}
