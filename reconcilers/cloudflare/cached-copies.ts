import type { Reconciler } from '../../src/core/reconciler.ts';
import { copiesTopic } from './cache/purge.ts';

/** A host of which Cloudflare may have copies that gates was not allowed to have dropped; keyed by the host. */
export interface CachedCopiesSpec {
  /** RFC 3339; copies are from before. */
  readonly since: string;
}

const kind = 'cloudflare/cached-copies';

/** Known from the state folder alone; the API tells nobody what is stored. */
export const cachedCopies: Reconciler<CachedCopiesSpec> = {
  kind,
  title: 'cached copies',
  unmarked: true,

  async observe(world) {
    const hosts = await world.notes.list(copiesTopic);
    return Promise.all(
      hosts.map(async (host) => ({
        address: { kind, key: host } as const,
        id: `copies of ${host}`,
        owner: undefined,
        spec: { since: (await world.notes.text(copiesTopic, host)) ?? '' },
        attributes: {},
        uses: [],
      })),
    );
  },
};
