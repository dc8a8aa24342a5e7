import { GatesError, UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { oauth2Row, providerId } from '../provider/oauth2-row.ts';
import { proxyProvider } from '../provider/proxy-provider.ts';
import { samlRow } from '../provider/saml-row.ts';
import { authentikOf } from '../reading/api.ts';
import { atHosts } from '../reading/door-effects.ts';
import { clientStrictness, flowRank, type ProviderFlow } from '../reading/flow-strictness.ts';
import { type ApplicationSpec, application, replyOf } from './application.ts';
import { binding, standingBindings } from './binding.ts';

/**
 * The link from an application to its provider, which makes a login possible. It is made only after the bindings exist.
 * Keyed by the slug; it belongs to the owner of the application.
 *
 * The flow is that of the provider, and never sent. Observed, it is missing for a provider that does not authorize by it,
 * such as one of LDAP.
 */
export interface ProviderLinkSpec extends Partial<ProviderFlow> {
  /** Id of the application. */
  readonly application: string;
  /** Id of the provider; empty while nobody may log in. */
  readonly provider: string;
  /** Never sent. With `groups`, the link is made only after a binding exists. */
  readonly admits: 'named' | 'everyone';
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
  /**
   * Observed only: the application has no binding, so it admits everybody. Never set for a provider of an outpost: a
   * host that loses its own login there gets the login of its domain.
   */
  readonly open?: true;
}

const kind = 'authentik/provider-link';

/** The id of a link, for which the API has none. */
export function linkId(applicationId: string): string {
  return `provider of ${applicationId}`;
}

export const providerLink: Reconciler<ProviderLinkSpec> = {
  kind,
  title: 'application provider',
  traits: { unmarked: true },

  async observe(world) {
    const [applications, proxies, bindings, ...rows] = await Promise.all([
      world.read(application),
      world.read(proxyProvider),
      world.read(binding),
      world.read(oauth2Row),
      world.read(samlRow),
    ]);
    const flows = new Map(rows.flat().map(({ id, spec }) => [id, spec.authorization_flow]));
    const behindOutpost = new Set(proxies.map(({ id }) => id));
    const bound = new Set(
      bindings.flatMap(({ spec }) => (spec.enabled && !spec.negated ? [spec.application] : [])),
    );
    return applications.flatMap((app) => {
      const { provider } = replyOf(app);
      if (provider === null) return [];
      const authorizationFlow = flows.get(providerId(provider));
      return [
        {
          address: { kind, key: app.address.key },
          id: linkId(app.id),
          owner: app.owner,
          spec: {
            application: app.id,
            provider: String(provider),
            admits: 'named' as const,
            hosts: app.spec.hosts,
            ...(authorizationFlow !== undefined && { authorizationFlow }),
            ...(!bound.has(app.id) && !behindOutpost.has(providerId(provider)) && { open: true as const }),
          },
          attributes: {},
          uses: [app.id, providerId(provider)],
          ...(app.protection !== undefined && { protection: app.protection }),
        },
      ];
    });
  },

  siblings: { recognizes: (want, { spec }) => want.provider === spec.provider },

  drift: (want, have) => (want.provider !== undefined && want.provider !== have.provider ? ['provider'] : []),

  doors(want, have) {
    // A login that admits everybody guards nothing, so its removal comes before everything else, even if its host still
    // waits for something.
    if (want === undefined)
      return atHosts(have?.spec.hosts ?? [], have?.spec.open === true ? 'close' : 'unguard');
    // A login that asks for less waits until people of before are gone, who go when it changes.
    const isLaxer = have !== undefined && strictnessOfExchange(want, have) === 'laxer';
    return atHosts(want.hosts, isLaxer ? 'change' : 'guard');
  },

  login: {
    strictness: (want, have) => flowRank(strictnessOfExchange(want, have)),

    loosens: (want, have) => strictnessOfExchange(want, have) === 'laxer',

    unlinked: (have) => ({ ...have, provider: '' }),
  },

  async write(changes, world) {
    // Read once for all links: the list is the slowest call of all, and only the links below change its providers.
    const holders = new Map(
      changes.some(({ want }) => want !== undefined)
        ? (await world.read(application)).map((app) => [app.address.key, holderOf(app)])
        : [],
    );
    const outcomes = await carryOut(changes, async ({ address, want }) => {
      try {
        if (want === undefined || want.provider === '') await setProvider(address.key, null, world);
        else await link(address.key, want, holders, world);
        return {};
      } catch (error) {
        // The application was removed, and its link with it, as the plan wanted.
        if (want === undefined && error instanceof GatesError && error.facts.status === 404) return {};
        throw error;
      }
    });
    world.forget(application);
    return outcomes;
  },
};

/** The change of what the login asks for when it gets another provider, as when a client comes to speak another protocol. */
function strictnessOfExchange(
  want: Linked<ProviderLinkSpec> | undefined,
  { spec: { authorizationFlow = '' } }: Observed<ProviderLinkSpec>,
): ReturnType<typeof clientStrictness> {
  if (want?.authorizationFlow === undefined || want.authorizationFlow === authorizationFlow) return undefined;
  const { usualFlow, authorizationFlow: wanted } = want;
  const flow = { authorizationFlow: wanted, ...(usualFlow !== undefined && { usualFlow }) };
  return clientStrictness(flow, { authorizationFlow }, ['authorizationFlow']);
}

/** The owner and the provider of an application. */
interface Holder {
  readonly owner: string | undefined;
  readonly provider: string | null;
}

function holderOf(app: Observed<ApplicationSpec>): Holder {
  const { provider } = replyOf(app);
  return { owner: app.owner, provider: provider === null ? null : String(provider) };
}

async function link(
  slug: string,
  want: ProviderLinkSpec,
  holders: Map<string, Holder>,
  world: World,
): Promise<void> {
  if (want.admits !== 'everyone' && (await standingBindings(world, want.application)).length === 0) {
    throw new UnsafeError('The application has no binding', {
      hint: 'With a provider it would admit everybody; the next run binds its groups first',
    });
  }
  // A provider has one application: perhaps one of ours that somebody renamed.
  for (const [other, { owner, provider }] of holders) {
    if (provider !== want.provider || other === slug || owner !== world.scope.owner) continue;
    await setProvider(other, null, world);
    holders.set(other, { owner, provider: null });
  }
  await setProvider(slug, Number(want.provider), world);
  holders.set(slug, { owner: world.scope.owner, provider: want.provider });
}

async function setProvider(slug: string, provider: number | null, world: World): Promise<void> {
  await authentikOf(world).patch(`/core/applications/${slug}/`, { provider });
}
