import { type DoorEffect, isAtHost } from '../../../../src/core/objects/door.ts';
import type { World } from '../../../../src/core/world.ts';
import { momentOf, untilMoment } from '../session/moment.ts';
import { doorOf, hostIn } from './destination.ts';

/**
 * Notes under this topic name hosts, each with the time (RFC 3339) of the last write of an application that has a path
 * of the host. The edge learns of each application separately: until it knows all, one may answer for another.
 */
export const pathWriteTopic = 'access-path';

/**
 * The same for hosts with a Worker: the check sees it at one place of the edge, and people may meet another one that has
 * not learned of it.
 */
export const workerWriteTopic = 'worker-write';

/** The same for hosts of certificate authorities, so that the new one is valid before the old one goes. */
export const certificateWriteTopic = 'certificate-write';

/** The same for names: each note has the name of a record and, after a space, what it led to before (`APP TARGET`). */
export const recordWriteTopic = 'record-write';

/** The same for the policy of covers, by its id: until the edge knows its rules, it may admit others to what comes to use it. */
export const coverPolicyTopic = 'cover-policy';

type WriteTopic =
  | typeof coverPolicyTopic
  | typeof pathWriteTopic
  | typeof workerWriteTopic
  | typeof certificateWriteTopic
  | typeof recordWriteTopic;

/** Hosts of which any of these destinations has a path. */
export function dividedHosts(destinations: readonly string[]): readonly string[] {
  const hosts = destinations.flatMap((uri) => {
    const host = hostIn(uri);
    return host === undefined || doorOf(uri) === host ? [] : [host];
  });
  return [...new Set(hosts)].sort();
}

/** Writes an object and notes the time under these names: before, since a crash may follow, and after. */
export async function notingWrite<T>(
  world: World,
  topic: WriteTopic,
  names: readonly string[],
  write: () => Promise<T>,
): Promise<T> {
  const note = async () => {
    for (const name of names) await world.notes.put(topic, name, world.clock.now().toISOString());
  };
  await note();
  try {
    return await write();
  } finally {
    await note();
  }
}

/** Waits until the edge knows of every noted write at a host of these effects. */
export function awaitWrites(world: World, topic: WriteTopic, effects: readonly DoorEffect[]): Promise<void> {
  return awaitNoted(world, topic, (host) => effects.some((effect) => isAtHost(effect.host, host)));
}

/** Waits until the edge knows of every noted write under these names. */
export async function awaitNoted(
  world: World,
  topic: WriteTopic,
  concerns: (name: string) => boolean,
): Promise<void> {
  for (const name of await world.notes.list(topic)) {
    if (!concerns(name)) continue;
    const written = await momentOf(world.notes, topic, name);
    if (written !== undefined) await untilMoment(world, written + world.longestLag);
  }
}
