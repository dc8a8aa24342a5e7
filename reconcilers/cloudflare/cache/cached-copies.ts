import type { Reconciler } from '../../../src/core/reconciler.ts';
import { done, failed } from '../../shared/carry-out.ts';
import { awaitEarlierNames } from './earlier-names.ts';
import { copiesTopic, owedTopic, purge } from './purge.ts';

/** A host of whose answers Cloudflare may have copies. Keyed by the host. */
export interface CachedCopiesSpec {
  /** The time (RFC 3339) before which copies were made. */
  readonly since: string;
  /** gates began a purge and did not finish it. */
  readonly owed: boolean;
}

const kind = 'cloudflare/cached-copies';

/**
 * Known only from the state folder, since no API shows what is stored. gates removes copies of a purge that it began,
 * and leaves those that the token may not purge.
 */
export const cachedCopies: Reconciler<CachedCopiesSpec> = {
  kind,
  title: 'cached copies',
  traits: { unmarked: true, unfinished: true, copies: true },

  async observe(world) {
    const copiesIn = async (topic: string, owed: boolean) =>
      Promise.all(
        (await world.notes.list(topic)).map(async (host) => ({
          address: { kind, key: host } as const,
          id: `copies of ${host}`,
          owner: owed ? world.scope.owner : undefined,
          spec: { since: (await world.notes.text(topic, host)) ?? '', owed },
          attributes: {},
          uses: [],
        })),
      );
    return [...(await copiesIn(copiesTopic, false)), ...(await copiesIn(owedTopic, true))];
  },

  doors: (_want, have) => (have === undefined ? [] : [{ host: have.address.key, step: 'guard' }]),

  /** All purges together, since a free plan allows only five a minute. */
  async write(changes, world) {
    const hosts = changes.flatMap(({ verb, address }) => (verb === 'prune' ? [address.key] : []));
    try {
      await awaitEarlierNames(hosts, world);
      const { left } = await purge(hosts, world);
      return changes.map((change) =>
        done(change, left.includes(change.address.key) ? { copies: 'left' } : undefined),
      );
    } catch (error) {
      return changes.map((change) => failed(change, error));
    }
  },
};
