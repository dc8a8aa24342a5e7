import type { GatesFile } from '../../../schema/generated/config.ts';
import { gateSettings } from '../../gates/index.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import { fullHost } from '../model/host.ts';
import { compact, type PartOf, servicesByName } from '../model/partial-file.ts';
import { reservedSlugs, slugOfAccess, slugOfDomain } from '../model/slug.ts';

/** The name of an application of Authentik, and the place in the file that gives it this name. */
interface LoginName {
  readonly slug: string;
  /** The name for people: `wiki.example.dev`. */
  readonly of: string;
  readonly path: Path;
  readonly part?: 'key';
}

/** Two logins of one name would be one application in Authentik, with the groups of both. */
export function clashingLogins(file: PartOf<GatesFile>): Finding[] {
  const namesBySlug = new Map<string, LoginName>();
  return loginNames(file).flatMap((login): Finding[] => {
    const { slug, of, path, part } = login;
    const place = {
      severity: 'error' as const,
      rule: 'reserved-name' as const,
      path,
      ...(part !== undefined && { part }),
    };
    const hint = 'give one of them another name';
    if (reservedSlugs.has(slug)) {
      return [{ ...place, message: `Authentik keeps the name ${quoted(slug)} for itself`, hint }];
    }
    const namesake = namesBySlug.get(slug);
    if (namesake === undefined) namesBySlug.set(slug, login);
    // One host twice is G115, which reports it.
    if (namesake === undefined || namesake.of === of) return [];
    return [{ ...place, message: `the application of ${namesake.of} is called ${quoted(slug)} too`, hint }];
  });
}

function loginNames(file: PartOf<GatesFile>): readonly LoginName[] {
  const zones = compact(file.cloudflare?.zones ?? []).map((zone) => zone.toLowerCase());
  const hosts = servicesByName(file).flatMap(([name, service]): LoginName[] => {
    if (service?.host === undefined) return [];
    const host = fullHost(service.host, zones);
    return gateSettings(service.gate ?? {}).flatMap(({ row, settings }) => {
      const slug = row.applicationSlug?.(settings, host);
      return slug === undefined ? [] : [{ slug, of: host, path: ['services', name, 'host'] }];
    });
  });
  const domains = Object.keys(file.authentik?.domains ?? {}).map((name): LoginName => {
    const domain = name.toLowerCase();
    return {
      slug: slugOfDomain(domain),
      of: `the domain ${domain}`,
      path: ['authentik', 'domains', name],
      part: 'key',
    };
  });
  const clients = Object.keys(file.clients ?? {}).map((name): LoginName => {
    return { slug: name, of: `the client ${name}`, path: ['clients', name], part: 'key' };
  });
  return [...hosts, ...domains, ...accessLogin(file), ...clients];
}

function accessLogin({ owner, cloudflare }: PartOf<GatesFile>): readonly LoginName[] {
  if (owner === undefined || cloudflare?.access?.identityProvider === undefined) return [];
  const path = ['cloudflare', 'access', 'identityProvider'];
  return [{ slug: slugOfAccess(owner), of: 'Access', path, part: 'key' }];
}

/** The name of the service token by which the daemon's own visitor identifies itself. */
export const probeToken = 'probe';

export function reservedToken(file: PartOf<GatesFile>): Finding[] {
  if (!Object.hasOwn(file.serviceTokens ?? {}, probeToken)) return [];
  const message = 'gates keeps the name "probe" for the token of its own visits';
  return [
    {
      severity: 'error',
      rule: 'reserved-name',
      path: ['serviceTokens', probeToken],
      part: 'key',
      message,
      hint: 'give the token another name',
    },
  ];
}
