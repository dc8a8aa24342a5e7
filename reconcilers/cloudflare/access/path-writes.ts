import { type DoorEffect, isAtHost } from '../../../src/core/objects/door.ts';
import type { World } from '../../../src/core/world.ts';
import { doorOf, hostIn } from './destination.ts';
import { forgetArrived, momentOf, untilMoment } from './moment.ts';

/**
 * Notes under this topic name hosts, each with the time (RFC 3339) of the last write of an application that has a path
 * of the host. The edge learns of each application separately: until it knows all, one may answer for another.
 */
export const pathWriteTopic = 'access-path';

/** Hosts of which any of these destinations has a path. */
export function dividedHosts(destinations: readonly string[]): readonly string[] {
  const hosts = destinations.flatMap((uri) => {
    const host = hostIn(uri);
    return host === undefined || doorOf(uri) === host ? [] : [host];
  });
  return [...new Set(hosts)].sort();
}

/** Writes an application and notes the time for these hosts: before, since a crash may follow, and after. */
export async function notingWrite<T>(
  world: World,
  hosts: readonly string[],
  write: () => Promise<T>,
): Promise<T> {
  const note = async () => {
    for (const host of hosts) await world.notes.put(pathWriteTopic, host, world.clock.now().toISOString());
  };
  await note();
  try {
    return await write();
  } finally {
    await note();
  }
}

/** Waits until the edge knows of every application that has a path of a host of these effects. */
export async function awaitPathWrites(world: World, effects: readonly DoorEffect[]): Promise<void> {
  for (const host of await world.notes.list(pathWriteTopic)) {
    if (!effects.some((effect) => isAtHost(effect.host, host))) continue;
    const written = await momentOf(world.notes, pathWriteTopic, host);
    if (written !== undefined) await untilMoment(world, written + world.longestLag);
  }
}

/** Clears the notes of writes that the edge knows by now. */
export function forgetPathWrites(world: World): Promise<void> {
  return forgetArrived(world, pathWriteTopic);
}
