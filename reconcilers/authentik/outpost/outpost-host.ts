import type { Reconciler } from '../../../src/core/reconciler.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { providerId } from '../provider/oauth2-row.ts';
import { proxyProvider } from '../provider/proxy-provider.ts';
import { authentikOf } from '../reading/api.ts';
import { type OutpostReply, outpost, outposts, proxyOutposts } from './outpost.ts';

/**
 * The host to which an outpost sends people to log in: `authentik_host` of its settings. Keyed by the outpost's name;
 * attribute `id` is the outpost's. gates sets it if it is empty, or has Authentik's own default, the address of its
 * API; and if every login that the outpost serves is ours, so it reverts a later change by hand and moves no foreign
 * login.
 */
export interface OutpostHostSpec {
  /** `https://auth.example.dev`, as browsers reach Authentik. */
  readonly host: string;
}

const kind = 'authentik/outpost-host';

export const outpostHost: Reconciler<OutpostHostSpec> = {
  kind,
  title: 'outpost address',
  traits: { unmarked: true },

  async observe(world) {
    const api = bare(world.scope.authentik?.url ?? '');
    const { owner: us } = world.scope;
    const [found, logins] = await Promise.all([proxyOutposts(world), world.read(proxyProvider)]);
    const ours = new Set(logins.filter(({ owner }) => owner === us).map(({ id }) => id));
    return found.map(({ id, spec: { name, config, providers } }) => {
      const host = hostIn(config);
      const servesUs = providers.length > 0 && providers.every((pk) => ours.has(providerId(pk)));
      return {
        address: { kind, key: name },
        id: `authentik_host of ${id}`,
        owner: servesUs || host === '' || host === api ? us : undefined,
        spec: { host },
        attributes: { id },
        uses: [],
      };
    });
  },

  drift: (want, have) => (want.host !== undefined && bare(want.host) !== have.host ? ['host'] : []),

  siblings: {
    // An outpost without this host cannot send people to a login, and no file asks for that.
    retain: () => 'the outpost needs it',
  },

  write: (changes, world) =>
    carryOut(changes, async ({ want, have }) => {
      if (want === undefined || have === undefined) return undefined;
      const wire = authentikOf(world);
      world.forget(outpost);
      const path = `${outposts}${have.attributes.id}/`;
      // A write replaces all settings, so it repeats the current ones.
      const live = (await wire.get(path)) as OutpostReply | undefined;
      await wire.patch(path, { config: { ...live?.config, authentik_host: want.host } });
      return have.attributes;
    }),
};

function hostIn(config: Readonly<Record<string, unknown>>): string {
  const { authentik_host: host } = config;
  return typeof host === 'string' ? bare(host) : '';
}

/** The URL without a final slash, which means nothing. */
function bare(url: string): string {
  return url.replace(/\/+$/, '');
}
