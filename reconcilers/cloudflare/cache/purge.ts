import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { zone } from '../zone.ts';

/** Notes under this topic name hosts of which copies may be left, with the time (RFC 3339) from before which they are. */
export const copiesTopic = 'cached-copies';

/** Hosts that one request may name. */
const mostHosts = 100;

/**
 * Has Cloudflare drop its copies of these hosts' answers, and of nothing else. `left` are the hosts of which the token
 * may not have them dropped. Of these, and of those of a run that ends here, a note stays for the next plan.
 */
export async function purge(
  hosts: readonly string[],
  world: World,
): Promise<{ readonly left: readonly string[] }> {
  const left: string[] = [];
  for (const [zoneId, own] of await byZone(hosts, world)) {
    for (let at = 0; at < own.length; at += mostHosts) {
      const some = own.slice(at, at + mostHosts);
      for (const host of some) await world.notes.put(copiesTopic, host, world.clock.now().toISOString());
      if (await mayPurge(world, zoneId, some)) {
        for (const host of some) await world.notes.clear(copiesTopic, host);
      } else left.push(...some);
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
