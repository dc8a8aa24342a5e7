import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import type { Disk } from '../stage/disk.ts';

const topic = 'cached-copies\n';

/** Hosts whose copies Cloudflare refused to purge, by the state folder. */
export function hostsOfCopiesLeft({ notes }: Disk): ReadonlySet<string> {
  return new Set(
    [...notes.texts.keys()].flatMap((key) => (key.startsWith(topic) ? [key.slice(topic.length)] : [])),
  );
}

/**
 * The exposures without those from copies that gates was not allowed to purge. That permission is optional, and without
 * it copies may remain, as plans say (decisions 0017, 0024). `droppedAt` has the call that purged a host which the
 * state folder no longer names.
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
