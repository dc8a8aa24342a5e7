import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { providerId } from '../provider/oauth2-row.ts';
import { opensRoot } from '../provider/open-root.ts';
import { type ProxyProviderSpec, proxyProvider } from '../provider/proxy-provider.ts';
import { atHosts, atLeavingHosts } from '../reading/door-effects.ts';
import { isEmbedded, type OutpostReply, outpost, proxyOutposts } from './outpost.ts';
import { rememberProviders } from './outpost-providers.ts';
import { writeEntries } from './written-entries.ts';

/**
 * The entry of a provider in the list of an outpost. Keyed by the provider's key in the outpost of the file, elsewhere
 * by outpost and provider. It belongs to the owner of the provider.
 */
export interface OutpostEntrySpec {
  /** Id of the outpost. */
  readonly outpost: string;
  /** Id of the provider. */
  readonly provider: string;
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
  /** Hosts that its provider guards only until they have another gate; never sent. */
  readonly behind?: readonly string[];
  /** Observed only: it cannot be removed, because only the embedded outpost may serve nothing. */
  readonly only?: true;
  /** Observed only: its provider asks nobody at the root of its hosts. Whatever gate comes after it cannot be checked behind it. */
  readonly open?: true;
}

const kind = 'authentik/outpost-entry';

export const outpostEntry: Reconciler<OutpostEntrySpec> = {
  kind,
  title: 'outpost provider',
  traits: { unmarked: true },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [found, providers] = await Promise.all([proxyOutposts(world), world.read(proxyProvider)]);
    for (const { spec } of found) rememberProviders(world, spec.pk, spec.providers);
    const known = new Map(providers.map((provider) => [provider.id, provider]));
    return found.flatMap(({ spec }) =>
      spec.providers.map((pk) => observed(spec, pk, known.get(providerId(pk)), world)),
    );
  },

  siblings: {
    recognizes: (want, { spec }) => want.outpost === spec.outpost && want.provider === spec.provider,

    retain: ({ spec }) =>
      spec.only ? 'an outpost other than the embedded one has to serve something' : undefined,
  },

  drift: (want, have) =>
    (['outpost', 'provider'] as const).filter(
      (field) => want[field] !== undefined && want[field] !== have[field],
    ),

  doors(want, have) {
    if (want !== undefined)
      return [...atHosts(want.hosts, 'change'), ...(have === undefined ? atLeavingHosts(want) : [])];
    const effects = atHosts(have?.spec.hosts ?? [], 'unguard');
    return have?.spec.open === true ? effects.map((effect) => ({ ...effect, first: true })) : effects;
  },

  async write(changes, world) {
    world.forget(outpost, proxyProvider);
    return writeEntries(changes, world);
  },
};

function observed(
  { pk: outpostId, name, ...rest }: OutpostReply,
  pk: number,
  provider: Observed<ProxyProviderSpec> | undefined,
  world: World,
): Observed<OutpostEntrySpec> {
  const { owner, authentik } = world.scope;
  const providerKey = provider?.address.key ?? providerId(pk);
  const own = provider?.owner === owner && name === authentik?.outpost;
  const only = rest.providers.length === 1 && !isEmbedded({ pk: outpostId, name, ...rest });
  return {
    address: { kind, key: own ? providerKey : `${name}/${providerKey}` },
    id: `${providerId(pk)} in ${outpostId}`,
    owner: provider?.owner,
    spec: {
      outpost: outpostId,
      provider: String(pk),
      hosts: provider?.spec.hosts ?? [],
      ...(only && { only: true as const }),
      ...(provider !== undefined && opensRoot(provider.spec) && { open: true as const }),
    },
    attributes: {},
    // The provider may be removed nevertheless: it then leaves the outpost too.
    uses: only ? [] : [providerId(pk)],
  };
}
