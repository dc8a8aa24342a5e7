import { isAtHost } from '../../../src/core/objects/door.ts';
import type { World } from '../../../src/core/world.ts';
import { recordWriteTopic } from '../access/application/path-writes.ts';
import { momentOf, untilMoment } from '../access/session/moment.ts';
import { isClosedAt } from '../ingress/configuration.ts';

/**
 * Waits until no name leads these hosts to a target that it no longer has: for some seconds after a change, Cloudflare
 * may still follow the earlier record, and store what answers there. A tunnel that refuses the host by now answers
 * nothing that Cloudflare stores.
 */
export async function awaitEarlierNames(hosts: readonly string[], world: World): Promise<void> {
  for (const note of await world.notes.list(recordWriteTopic)) {
    const [name = '', target = ''] = note.split(' ');
    const tunnelId = target.replace(/\.cfargotunnel\.com$/, '');
    const isOpen = (host: string) => isAtHost(name, host) && !isClosedAt(world, tunnelId, host);
    if (!hosts.some(isOpen)) continue;
    const written = await momentOf(world.notes, recordWriteTopic, note);
    if (written !== undefined) await untilMoment(world, written + world.longestLag);
  }
}
