import type { Reconciler } from '../../../src/core/reconciler.ts';
import { done, failed } from '../../shared/carry-out.ts';
import { copiesTopic, notePurge, owedTopic, purge } from './purge.ts';

/** A host of which Cloudflare may have copies; keyed by the host. */
export interface CachedCopiesSpec {
  /** RFC 3339; copies are from before. */
  readonly since: string;
  /** A purge was begun and not ended. */
  readonly owed: boolean;
}

const kind = 'cloudflare/cached-copies';

/**
 * Known from the state folder alone; the API tells nobody what is stored. Copies of a purge that was begun are ours to
 * remove, those that the token may not have dropped are not.
 */
export const cachedCopies: Reconciler<CachedCopiesSpec> = {
  kind,
  title: 'cached copies',
  unmarked: true,
  unfinished: true,
  copies: true,

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

  /** All purges together, since they are few: a free plan has five a minute. */
  async write(changes, world) {
    const hosts = changes.flatMap(({ verb, address }) => (verb === 'prune' ? [address.key] : []));
    try {
      for (const { verb, address } of changes) if (verb !== 'prune') await notePurge(address.key, world);
      const { left } = await purge(hosts, world);
      return changes.map((change) =>
        done(change, left.includes(change.address.key) ? { copies: 'left' } : undefined),
      );
    } catch (error) {
      return changes.map((change) => failed(change, error));
    }
  },
};
