import type * as file from '../../schema/generated/config.ts';
import { grouped } from '../core/objects/grouped.ts';
import { servingProviders } from './authentik/authentik-gate.ts';
import { applicationOfProvider, boundPeople, outpostsOf } from './authentik/authentik-login.ts';
import { type Flows, flowOf, type ImportedClient } from './authentik/clients.ts';
import { outpostSettings } from './authentik/outpost-settings.ts';
import type { ImportedHost } from './hosts.ts';
import { expressed } from './terms/inexpressible.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import type { Visit } from './terms/visit.ts';
import { outpostAddresses } from './visits.ts';

/** The values that the file has as defaults. */
const usual = {
  outpost: 'authentik Embedded Outpost',
} as const;
const usualFlows: Flows = {
  authorization: 'default-provider-authorization-implicit-consent',
  invalidation: 'default-provider-invalidation-flow',
  bind: 'default-authentication-flow',
  unbind: 'default-invalidation-flow',
};

/** The hosts of Authentik's login page: those to which outposts send people, and those where a visit met Authentik itself. */
export function loginHosts(live: LiveObjects, visits: ReadonlyMap<string, Visit>): ReadonlySet<string> {
  return new Set([
    ...outpostAddresses(live),
    ...[...visits].flatMap(([host, { answer }]) => (answer === 'login page' ? [host] : [])),
  ]);
}

/** The section `authentik`; undefined if no Authentik was read. */
export function authentikSection(
  live: LiveObjects,
  hosts: readonly ImportedHost[],
  services: ReadonlyMap<string, string>,
  clients: readonly ImportedClient[],
): file.Authentik | undefined {
  const { authentik } = live.scope;
  if (authentik === undefined) return undefined;
  const login = hosts.find(({ gate }) => gate.identityProvider !== undefined);
  const domains = [...new Set(hosts.flatMap(({ domain }) => domain ?? []))].sort();
  const outpost = usedOutpost(live, hosts);
  const outpostUrl = hosts.find((each) => each.outpostUrl !== undefined)?.outpostUrl;
  const flows = usedFlows(live, clients);
  const ldapOutpost = mostFrequent(clients.flatMap((client) => client.ldapOutpost ?? []));
  return {
    url: authentik.url,
    ...(login !== undefined && { service: services.get(login.host) ?? '' }),
    ...(outpost !== usual.outpost && { outpost }),
    ...(ldapOutpost !== undefined && { ldapOutpost }),
    ...(outpostUrl !== undefined && outpostUrl !== authentik.url && { outpostUrl }),
    ...(domains.length > 0 && {
      domains: Object.fromEntries(domains.map((name) => [name, domainEntry(name, live)])),
    }),
    ...(Object.keys(flows).length > 0 && { flows }),
  };
}

function domainEntry(name: string, live: LiveObjects) {
  const provider = servingProviders(live).find(
    ({ spec }) => spec.mode === 'forward_domain' && spec.cookieDomain === name,
  );
  const application = provider && applicationOfProvider(provider, live);
  const admission = application && expressed(() => boundPeople(application, live));
  const people = admission !== undefined && 'value' in admission ? admission.value : { groups: [] };
  return { ...people, ...(provider !== undefined && outpostSettings(provider.spec)) };
}

/** The outpost that serves most of the hosts. */
function usedOutpost(live: LiveObjects, hosts: readonly ImportedHost[]): string {
  const domains = new Set(hosts.flatMap(({ domain }) => domain ?? []));
  const names = [
    ...hosts.flatMap(({ outpost }) => outpost ?? []),
    ...servingProviders(live)
      .filter(({ spec }) => spec.mode === 'forward_domain' && domains.has(spec.cookieDomain))
      .flatMap((provider) => outpostsOf(provider, live)),
  ];
  return mostFrequent(names) ?? usual.outpost;
}

/** The flows that most providers use, as far as they are not the usual ones: the file has one of each for all. */
function usedFlows(live: LiveObjects, clients: readonly ImportedClient[]): Partial<Flows> {
  const ofProxies = servingProviders(live).map(({ spec }) => ({
    authorization: flowOf(spec.authorizationFlow, live),
    invalidation: flowOf(spec.invalidationFlow, live),
  }));
  const all: readonly Partial<Flows>[] = [...ofProxies, ...clients.map(({ flows }) => flows)];
  return Object.fromEntries(
    (Object.keys(usualFlows) as (keyof Flows)[]).flatMap((use) => {
      const slug = mostFrequent(all.flatMap((flows) => flows[use] ?? []));
      return slug === undefined || slug === usualFlows[use] ? [] : [[use, slug]];
    }),
  );
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = [...grouped(texts, (text) => text).entries()];
  return counts.sort(([, left], [, right]) => right.length - left.length)[0]?.[0];
}
