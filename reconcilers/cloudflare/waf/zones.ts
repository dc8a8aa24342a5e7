import type { World } from '../../../src/core/world.ts';
import { zone } from '../zone.ts';

/** Zones in whose rules something of ours was written, and is not known to be gone. */
const topic = 'waf-rule';

/**
 * Zones whose rules are read: those in which the file has something, and those in which it had. A zone without either
 * saves the call, and the permission.
 */
export async function zonesOfOurs(
  world: World,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const { wafZones = [], owner } = world.scope;
  const noted = await world.notes.list(topic);
  if (wafZones.length === 0 && noted.length === 0) return [];
  return (await world.read(zone))
    .map(({ id, address: { key: name } }) => ({ id, name }))
    .filter(({ name }) => wafZones.includes(name) || noted.includes(noteOf(owner, name)));
}

/** Said before a rule is made. */
export async function noteZone(world: World, zoneId: string): Promise<void> {
  await world.notes.put(topic, await ownNote(world, zoneId));
}

/** Said once there is none of ours any more. */
export async function clearZone(world: World, zoneId: string): Promise<void> {
  await world.notes.clear(topic, await ownNote(world, zoneId));
}

async function ownNote(world: World, zoneId: string): Promise<string> {
  const zones = await world.read(zone);
  const name = zones.find(({ id }) => id === zoneId)?.address.key ?? zoneId;
  return noteOf(world.scope.owner, name);
}

/** Two owners may share a state folder. */
function noteOf(owner: string, name: string): string {
  return `${owner}/${name}`;
}
