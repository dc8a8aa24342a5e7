import type { Address, Kind } from '../../../src/core/objects/address.ts';
import { readName } from '../../../src/core/objects/marker.ts';
import type { World } from '../../../src/core/world.ts';
import { listAuthentik } from '../reading/api.ts';
import { oauth2Row } from './oauth2-row.ts';
import { proxyProvider } from './proxy-provider.ts';

/**
 * Lists objects that only clients need, but only if that can matter: the file has clients, an object of ours still
 * exists, or gates made one and does not know it to be removed. A home without clients saves the calls.
 */
export async function listForClients(world: World, kind: Kind, path: string): Promise<readonly unknown[]> {
  const matters =
    world.scope.authentik?.clients === true ||
    (await world.notes.list(topicOf(kind))).length > 0 ||
    (await hasClients(world));
  return matters ? listAuthentik(world, path) : [];
}

/** Notes an object before it is made. */
export function noteForClients(world: World, { kind, key }: Address): Promise<void> {
  return world.notes.put(topicOf(kind), key);
}

/** Clears the note after the object was removed. */
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
