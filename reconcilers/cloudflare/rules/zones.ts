import type { World } from '../../../src/core/world.ts';
import { zone } from '../account/zone.ts';

/** Notes under these topics name the zones in whose rules something of ours was written, and is not known to be gone. */
export type ZoneTopic = 'waf-rule' | 'cache-rule';

/**
 * Zones whose rules are read: those in which the file has something (`asked`), and those in which it had. A zone
 * without either saves the call, and the permission.
 */
export async function zonesOfOurs(
  world: World,
  topic: ZoneTopic,
  asked: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const noted = await world.notes.list(topic);
  if (asked.length === 0 && noted.length === 0) return [];
  return (await world.read(zone))
    .map(({ id, address: { key: name } }) => ({ id, name }))
    .filter(({ name }) => asked.includes(name) || noted.includes(noteOf(world.scope.owner, name)));
}

/** Written before a rule is made. */
export async function noteZone(world: World, topic: ZoneTopic, zoneId: string): Promise<void> {
  await world.notes.put(topic, await ownNote(world, zoneId));
}

/** Cleared once there is none of ours any more. */
export async function clearZone(world: World, topic: ZoneTopic, zoneId: string): Promise<void> {
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
