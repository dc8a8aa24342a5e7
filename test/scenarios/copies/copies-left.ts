import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import type { Disk } from '../stage/stage.ts';

const topic = 'cached-copies\n';

/** Hosts of which Cloudflare refused to drop the copies, as the state folder names them. */
export function hostsOfCopiesLeft({ notes }: Disk): ReadonlySet<string> {
  return new Set(
    [...notes.texts.keys()].flatMap((key) => (key.startsWith(topic) ? [key.slice(topic.length)] : [])),
  );
}

/**
 * The exposures but for copies that gates was refused to have dropped: the permission is optional, and without it they
 * may remain, as plans say (decisions 0017, 0024). `droppedAt` has the call that dropped those of a host, where the state
 * folder does not name it any more.
 */
export function withoutCopiesLeft(
  exposures: readonly Exposure[],
  disk: Disk,
  droppedAt: ReadonlyMap<string, number> = new Map(),
): readonly Exposure[] {
  const left = hostsOfCopiesLeft(disk);
  return exposures.filter(({ host, principal, n }) => {
    const isLeft = left.has(host) || n <= (droppedAt.get(host) ?? 0);
    return !(isLeft && principal.endsWith('from the cache'));
  });
}
