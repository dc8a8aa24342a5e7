import type * as file from '../../schema/generated/config.ts';
import {
  applicationOfProvider,
  boundPeople,
  outpostsOf,
  servingProviders,
} from './authentik/authentik-login.ts';
import type { ImportedClient } from './authentik/clients.ts';
import { mostFrequent, ownFlow, usedFlows } from './authentik/flows.ts';
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
  const flows = usedFlows(live);
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
  if (provider === undefined) return { groups: [] };
  const people = admission !== undefined && 'value' in admission ? admission.value : { groups: [] };
  return { ...people, ...ownFlow(provider.spec, live), ...outpostSettings(provider.spec) };
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
