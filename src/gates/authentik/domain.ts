import type { AuthentikConfig, Config, Domain, Service } from '../../config/model/config.ts';
import { isWithin, zoneOf } from '../../config/model/host.ts';
import { slugOfDomain } from '../../config/model/slug.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { admissionOf } from '../../desired/logins/admission.ts';
import { guardingAuthentik } from '../../desired/logins/login-host.ts';
import type { BuiltGate } from '../shared/built-gate.ts';
import { outpostRequests } from './outpost-requests.ts';
import { proxyCheck, proxyObjects } from './proxy.ts';
import { refuseAtOutpost } from './refusal.ts';
import { skippedAddresses } from './skipped-paths.ts';

/**
 * `authentik` in mode domain: like forwardAuth, with one login for all hosts of a domain. The domain has its own
 * objects, see {@link domainObjects}.
 */
export const builtDomain: BuiltGate = {
  refuse: refuseAtOutpost,
  access: () => undefined,
  looks: outpostRequests,
  proof: ({ service }, config) => {
    const { authentik, login } = guardingAuthentik(config);
    const domain = domainOf(service, authentik);
    if (domain === undefined) return undefined;
    const services = servicesIn(domain, config, authentik);
    return proxyCheck(slugOfDomain(domain.name), login, externalHost(domain, login, services));
  },
};

/**
 * One login for each domain that a service uses. `open` are the services whose path exceptions count: a refused service
 * asks for a login at every path, or at those at which it asks already (`withSkippedPathsAt`).
 */
export function domainObjects(config: Config, open: readonly Service[]): readonly DesiredObject[] {
  return [...(config.authentik?.domains.values() ?? [])].flatMap((domain) => {
    const { authentik, login } = guardingAuthentik(config);
    const services = servicesIn(domain, config, authentik);
    if (services.length === 0) return [];
    const skip = services.filter((service) => open.includes(service)).flatMap(skippedAddresses);
    return proxyObjects(
      {
        ...admissionOf(domain),
        mode: 'forward_domain',
        slug: slugOfDomain(domain.name),
        launchUrl: '',
        externalHost: externalHost(domain, login, services),
        internalHost: '',
        internalHostTls: true,
        cookieDomain: domain.name,
        skip,
        outpost: domain.outpost,
        flow: domain.flow,
        hosts: services.map(({ host }) => host),
        because: `authentik.domains.${domain.name}`,
      },
      authentik,
    );
  });
}

/** Services that log in by the domain, sorted by host. */
function servicesIn(domain: Domain, { services }: Config, authentik: AuthentikConfig): readonly Service[] {
  return [...services.values()]
    .filter(({ gate }) => gate.sharesLogin)
    .filter((service) => domainOf(service, authentik) === domain)
    .sort((left, right) => (left.host < right.host ? -1 : 1));
}

/** The longest domain of `authentik.domains` that contains the service's host. */
function domainOf({ host }: Service, { domains }: AuthentikConfig): Domain | undefined {
  return domains.get(zoneOf(host, domains) ?? '');
}

/**
 * The host to which the outpost returns people after a login, which must lie in the domain: the login host, as
 * Authentik intends, or else the first host of the domain, whose origin asks the outpost too.
 */
function externalHost({ name }: Domain, login: string, [first]: readonly Service[]): string {
  return isWithin(new URL(login).hostname, name) ? login : `https://${first?.host ?? name}`;
}
