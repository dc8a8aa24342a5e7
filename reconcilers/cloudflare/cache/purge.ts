import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { zone } from '../account/zone.ts';

/** Notes of hosts of which copies may exist, with the time (RFC 3339) before which they were made. */
export const copiesTopic = 'cached-copies';

/** Notes of hosts whose purge gates has begun, with the same time. */
export const owedTopic = 'owed-purges';

/** The most hosts of one request. */
const mostHosts = 100;

/**
 * Makes Cloudflare drop its copies of these hosts' answers, and nothing else. `left`: hosts whose copies the token may
 * not purge. Later plans learn of these from a note. If the run ends here, the other note makes the next run purge.
 */
export async function purge(
  hosts: readonly string[],
  world: World,
): Promise<{ readonly left: readonly string[] }> {
  const { notes, clock } = world;
  const left: string[] = [];
  for (const [zoneId, own] of await byZone(hosts, world)) {
    for (let at = 0; at < own.length; at += mostHosts) {
      const some = own.slice(at, at + mostHosts);
      for (const host of some) await notes.put(owedTopic, host, clock.now().toISOString());
      const isAllowed = await mayPurge(world, zoneId, some);
      for (const host of some) {
        if (isAllowed) await notes.clear(copiesTopic, host);
        else await notes.put(copiesTopic, host, clock.now().toISOString());
        await notes.clear(owedTopic, host);
      }
      if (!isAllowed) left.push(...some);
    }
  }
  return { left };
}

async function mayPurge(world: World, zoneId: string, hosts: readonly string[]): Promise<boolean> {
  try {
    await world.cloudflare.post(`/zones/${zoneId}/purge_cache`, { hosts });
    return true;
  } catch (error) {
    if (error instanceof RejectedError && error.facts.status === 403) return false;
    throw error;
  }
}

async function byZone(
  hosts: readonly string[],
  world: World,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const zones = await world.read(zone);
  const found = new Map<string, string[]>();
  for (const host of [...hosts].sort()) {
    const [own] = zones
      .filter(({ address: { key } }) => host === key || host.endsWith(`.${key}`))
      .sort((left, right) => right.address.key.length - left.address.key.length);
    if (own !== undefined) found.set(own.id, [...(found.get(own.id) ?? []), host]);
  }
  return found;
}
