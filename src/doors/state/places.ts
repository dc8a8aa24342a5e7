import type { Part } from '../../core/objects/part.ts';
import { parsedRoute } from '../../core/objects/route-pattern.ts';

/** The place at which the layers look for parts of a sort under a key. */
export function placeOf(sort: Part['part'], key: string): string {
  return `${sort} ${key}`;
}

/** The places at which the layers look for a part. */
export function placesOf(part: Part): readonly string[] {
  return keysOf(part).map((key) => placeOf(part.part, key));
}

/** Key of parts that are only read all together. */
export const everyKey = '';

/** Key of the Access applications with a `*` in the host of a destination. */
export const wildcardHost = '*';

/** Key of the foreign custom and cache rules of a zone, its token rules for all hosts, and its Workers routes with `*`. */
export function anyHostOf(zone: string): string {
  return `any of ${zone}`;
}

/** Key of the Access applications with this audience. */
export function audienceKey(audience: string): string {
  return `audience ${audience}`;
}

/** Keys of the proxy providers for a host, of those for a domain, and of those that skip paths. */
export const domainKey = 'domains';
export const skipKey = 'skipped paths';
export function externalHostKey(host: string): string {
  return `host ${host}`;
}

/** Key of the groups that lie in the group of this name. */
export function groupNameKey(name: string): string {
  return `name ${name}`;
}

/** Key of the links of an application. */
export function linkedKey(application: string): string {
  return `of ${application}`;
}

/** Key of the entry of a provider in an outpost. */
export function entryKey(outpost: string, provider: string): string {
  return `${outpost} ${provider}`;
}

/** Keys of an origin: for one host that it is asked for, and for all. */
export function originKeys(service: string, host: string): readonly string[] {
  return [`${service} for ${host}`, service];
}

/** `grafana.example.dev` of `https://grafana.example.dev`, with its port: compared verbatim. */
export function hostOfUrl(url: string): string {
  return /^https?:\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
}

/**
 * Keys of the rules of a tunnel that are for a host. cloudflared compares complete names; `*.example.dev` is for every
 * name that ends in `.example.dev` (`matchHost`).
 */
export function ruleKeys(tunnel: string, host: string): readonly string[] {
  const labels = host.split('.');
  const wildcards = labels.slice(1).map((_, place) => `*.${labels.slice(place + 1).join('.')}`);
  return [host, '*', ...wildcards].map((name) => `${tunnel} ${name}`);
}

function keysOf(part: Part): readonly string[] {
  switch (part.part) {
    case 'zone':
    case 'organization':
      return [everyKey];
    case 'record':
      return [recordKey(part.name, part.zone)];
    case 'edge-rule':
      return ['host' in part.rule ? part.rule.host : anyHostOf(part.zone)];
    case 'token-rule':
      return part.hosts.length === 0 ? [anyHostOf(part.zone)] : part.hosts;
    case 'operation':
    case 'certificate-host':
    case 'purge':
      return [part.host];
    case 'cache-rule':
      return [part.host ?? anyHostOf(part.zone)];
    case 'worker-route': {
      const { host } = parsedRoute(part.pattern);
      return [host.startsWith('*') ? anyHostOf(part.zone) : host];
    }
    case 'access-application':
      return [...new Set([...part.destinations.map(hostKey), audienceKey(part.audience)])];
    case 'tunnel':
      return [part.id, everyKey];
    case 'tunnel-rule':
      return [`${part.tunnel} ${part.hostname || '*'}`];
    case 'origin': {
      const { service, hosts } = part;
      const own = hosts?.flatMap((host) => originKeys(service, host).slice(0, 1)) ?? [service];
      return [everyKey, ...own];
    }
    case 'provider-link':
      return [part.provider, linkedKey(part.application)];
    case 'binding':
      return [part.application];
    case 'group-parent':
      return [part.parent, groupNameKey(part.names.parent)];
    case 'outpost-entry':
      return [everyKey, part.outpost, entryKey(part.outpost, part.provider)];
    case 'proxy-provider':
      return [
        ...[part.id, externalHostKey(hostOfUrl(part.externalHost))],
        ...(part.mode === 'forward_domain' ? [domainKey] : []),
        ...(part.skipPaths === '' ? [] : [skipKey]),
      ];
    default:
      return [part.id];
  }
}

function hostKey(destination: string): string {
  const [host = ''] = destination.split('/', 1);
  return host.includes('*') ? wildcardHost : host.toLowerCase();
}

/** The name one label below the zone that `name` is or lies below: `b.example.dev` of `a.b.example.dev`. */
export function recordKey(name: string, zone: string): string {
  if (name === zone) return zone;
  const below = name.slice(0, -zone.length - 1).split('.');
  return `${below.at(-1)}.${zone}`;
}
