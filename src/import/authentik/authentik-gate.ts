import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type * as file from '../../../schema/generated/config.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import type { Target } from '../terms/origins.ts';
import type { LiveGround } from '../terms/visit.ts';
import {
  applicationOfProvider,
  boundPeople,
  nameInAuthentik,
  outpostsOf,
  servingProviders,
} from './authentik-login.ts';
import { ownFlow } from './flows.ts';
import { type SkippedPath, unaskedPaths } from './open-paths.ts';
import { outpostSettings } from './outpost-settings.ts';

/** The gate of a host at which Authentik's outpost decides. */
export interface OutpostGate {
  readonly gate: file.Gate;
  /** The origin behind the outpost, where the tunnel leads to the outpost itself. */
  readonly target: Target;
  /** The address at which cloudflared reaches the outpost, in mode `proxy`. */
  readonly outpostUrl: string | undefined;
  /** The outpost, by name. */
  readonly outpost: string;
  readonly skipped: readonly SkippedPath[];
  /** The objects that the gate is made of, for a comment. */
  readonly source: string;
}

type Provider = Observed<ProxyProviderSpec>;

/**
 * The gate of the outpost at a host; undefined if no provider that an outpost serves is for this host.
 * @throws Inexpressible
 */
export function outpostGateAt(
  host: string,
  target: Target,
  { live, visits }: LiveGround,
): OutpostGate | undefined {
  const [provider, second] = live.once(providersByHost).get(host) ?? [];
  if (provider === undefined) return undefined;
  if (second !== undefined)
    throw new Inexpressible(`two providers of Authentik are for it: ${namesOf([provider, second])}`);
  const application = applicationOfProvider(provider, live);
  const [outpost] = outpostsOf(provider, live);
  if (application === undefined || outpost === undefined) return undefined;
  const visit = visits.get(host);
  if (visit?.answer === 'open')
    throw new Inexpressible(
      `Authentik has the provider ${nameInAuthentik(provider)} for it, but its origin asks nobody: ${visit.seen}`,
    );
  const { mode, externalHost, internalHost, internalHostTls } = provider.spec;
  if (externalHost.replace(/\/$/, '') !== `https://${host}`)
    throw new Inexpressible(`the external host of the provider ${provider.address.key} is ${externalHost}`);
  const isProxy = mode === 'proxy';
  // In this mode the outpost answers a proxy's question, and forwards nothing: no origin would ever be asked.
  if (!isProxy && isSameServer(target.origin.url, live.scope.authentik?.url))
    throw new Inexpressible(
      `its tunnel rule leads to the outpost, whose provider ${nameInAuthentik(provider)} forwards no request`,
    );
  const admission = boundPeople(application, live);
  const { tunnel, url } = target.origin;
  const behind = {
    tunnel,
    url: internalHost.replace(/\/$/, ''),
    ...(!internalHostTls && { noTLSVerify: true }),
  };
  return {
    gate: {
      authentik: {
        ...(isProxy && { mode }),
        ...admission,
        ...ownFlow(provider.spec, live),
        ...outpostSettings(provider.spec),
      },
    },
    target: isProxy ? { ...target, origin: behind } : target,
    outpostUrl: isProxy ? url : undefined,
    outpost,
    skipped: unaskedPaths(provider.spec.skipPathRegex),
    source: `Authentik provider ${nameInAuthentik(provider)}, application ${application.address.key}`,
  };
}

/** The provider of a domain whose login the origin of a host asks, as a visit has shown. */
export function domainGateAt(
  host: string,
  { live, visits }: LiveGround,
): Observed<ProxyProviderSpec> | undefined {
  const visit = visits.get(host);
  const providers = servingProviders(live).filter(({ spec }) => spec.mode === 'forward_domain');
  if (visit?.answer === 'unclear')
    throw new Inexpressible(`nobody knows whether its origin asks Authentik: ${visit.seen}`);
  if (visit?.answer !== 'asks') return undefined;
  const found = providers.find(({ attributes }) => attributes.clientId === visit.clientId);
  if (found === undefined)
    throw new Inexpressible('its origin asks Authentik for a provider that was not found');
  return found;
}

/** The serving providers by each of their hosts. */
function providersByHost(live: LiveObjects): ReadonlyMap<string, readonly Provider[]> {
  const pairs = servingProviders(live).flatMap((provider) =>
    [...new Set(provider.spec.hosts)].map((host) => ({ host, provider })),
  );
  return new Map(
    [...grouped(pairs, ({ host }) => host)].map(([host, each]) => [
      host,
      each.map(({ provider }) => provider),
    ]),
  );
}

function namesOf(providers: readonly Provider[]): string {
  return providers.map(({ address }) => address.key).join(', ');
}

function isSameServer(url: string, other: string | undefined): boolean {
  return other !== undefined && URL.canParse(url) && new URL(url).origin === new URL(other).origin;
}
