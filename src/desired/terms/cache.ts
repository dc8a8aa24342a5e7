import { type CacheRuleSpec, cacheAction } from '../../../reconcilers/cloudflare/cache/rule-spec.ts';
import type { Service } from '../../config/model/config.ts';
import type { GateEnforcer } from '../../config/model/gate.ts';
import { type Address, addressId } from '../../core/objects/address.ts';
import type { DesiredObject, Unstored } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { zoneId } from './addresses.ts';
import { doorsOf, letsGoBelow } from './doors.ts';

/**
 * Enforcers that decide behind Cloudflare's cache. Access and the rules of the edge decide before it, and public hosts
 * and login pages may be stored.
 */
const behindCache: ReadonlySet<GateEnforcer> = new Set(['origin', 'outpost', 'application', 'daemon']);

/** True if the origin decides at some door of the host. Before it opens, the edge must be seen to store nothing. */
export function originDecides(service: Service): boolean {
  return doorsOf(service).some(({ gate }) => behindCache.has(gate.enforcedBy));
}

/**
 * True if Cloudflare must store none of the host's answers: the origin decides, or only the tunnel refuses for a
 * moment, while an Access application releases what lies below an exact path.
 */
export function mustNotBeStored(service: Service): boolean {
  return originDecides(service) || doorsOf(service).some(letsGoBelow);
}

/** The hosts of these services that must not be stored. */
export function unstoredHosts(services: readonly Service[]): readonly Unstored[] {
  return services.filter(mustNotBeStored).map(({ name, host, cache }) => ({
    host,
    rule: cache === 'header' ? undefined : addressId(cacheRuleAt(host)),
    because: `services.${name}`,
  }));
}

function cacheRuleAt(host: string): Address {
  return { kind: 'cloudflare/cache-rule', key: host };
}

/** The cache rules that these services need. */
export function compileCacheRules(services: readonly Service[]): readonly DesiredObject[] {
  return services
    .filter((service) => mustNotBeStored(service) && service.cache !== 'header')
    .map(({ name, host, zone }) => {
      const spec: Linked<CacheRuleSpec> = {
        ...{ zone, zoneId: zoneId(zone), host, action: cacheAction },
        ...{ enabled: true, intact: true, overruled: false },
      };
      return {
        address: cacheRuleAt(host),
        spec,
        because: `services.${name}`,
      };
    });
}

/** The statements of the file that the plan assumes to be true. */
export function cacheAssumptions(services: readonly Service[]): readonly string[] {
  return services
    .filter((service) => mustNotBeStored(service) && service.cache === 'header')
    .map(
      ({ name, host }) =>
        `services.${name}: no cache rule keeps ${host} out of Cloudflare's cache. This plan assumes that its origin sends \`Cloudflare-CDN-Cache-Control: no-store\` with every answer (\`cache: header\`)`,
    );
}

/** The zones with a cache rule among these objects. */
export function cacheZones(objects: readonly DesiredObject[]): readonly string[] {
  const zones = objects.flatMap(({ address, spec }) =>
    address.kind === 'cloudflare/cache-rule' ? [(spec as CacheRuleSpec).zone] : [],
  );
  return [...new Set(zones)].sort();
}
