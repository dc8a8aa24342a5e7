import type { World } from '../../../src/core/world.ts';
import { zone } from '../account/zone.ts';

/** Notes under these topics name the zones in which gates wrote such an object that it does not know to be removed. */
export type ZoneTopic = 'waf-rule' | 'cache-rule' | 'worker' | 'api-shield';

/**
 * Zones whose rules gates reads: those in which the file needs rules (`asked`), and those in which it did. Any other
 * zone saves the call, and the permission.
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

/** Notes a zone before a rule is made in it. */
export async function noteZone(world: World, topic: ZoneTopic, zoneId: string): Promise<void> {
  await world.notes.put(topic, await ownNote(world, zoneId));
}

/** Clears the note after our last rule was removed. */
export async function clearZone(world: World, topic: ZoneTopic, zoneId: string): Promise<void> {
  await world.notes.clear(topic, await ownNote(world, zoneId));
}

async function ownNote(world: World, zoneId: string): Promise<string> {
  const zones = await world.read(zone);
  const name = zones.find(({ id }) => id === zoneId)?.address.key ?? zoneId;
  return noteOf(world.scope.owner, name);
}

/** The name of a note, with the owner, since two owners may share a state folder. */
function noteOf(owner: string, name: string): string {
  return `${owner}/${name}`;
}
