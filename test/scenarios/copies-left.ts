import type { Exposure } from '../../src/sandbox/index.ts';
import type { Disk } from './stage.ts';

const topic = 'cached-copies\n';

/**
 * The exposures but for copies that gates was refused to have dropped: the permission is optional, and without it they
 * may remain, as plans say (decisions 0017, 0024). The state folder names such hosts.
 */
export function withoutCopiesLeft(exposures: readonly Exposure[], { notes }: Disk): readonly Exposure[] {
  const left = new Set(
    [...notes.texts.keys()].flatMap((key) => (key.startsWith(topic) ? [key.slice(topic.length)] : [])),
  );
  return exposures.filter(({ host, principal }) => !(left.has(host) && principal.endsWith('from the cache')));
}
