import { type CacheRuleSpec, cacheAction } from '../../../reconcilers/cloudflare/cache/rule-spec.ts';
import type { Service } from '../../config/model/config.ts';
import type { GateEnforcer } from '../../config/model/gate.ts';
import { type Address, addressId } from '../../core/objects/address.ts';
import type { DesiredObject, Unstored } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { zoneId } from './addresses.ts';
import { doorsOf, letsGoBelow } from './doors.ts';

/**
 * Enforcers that are asked behind Cloudflare's cache. Access and the rules of the edge decide before it, and what is public
 * or a login page may be stored.
 */
const behindCache: ReadonlySet<GateEnforcer> = new Set(['origin', 'outpost', 'application', 'daemon']);

/** Whether the origin decides who gets in at some door of the host: the edge is seen to store nothing before it opens. */
export function originDecides(service: Service): boolean {
  return doorsOf(service).some(({ gate }) => behindCache.has(gate.enforcedBy));
}

/**
 * Whether Cloudflare must store none of the host's answers: the origin decides, or the tunnel alone refuses for a moment,
 * while an Access application lets go of what lies below an exact path.
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

/** Zones with such a rule. */
export function cacheZones(objects: readonly DesiredObject[]): readonly string[] {
  const zones = objects.flatMap(({ address, spec }) =>
    address.kind === 'cloudflare/cache-rule' ? [(spec as CacheRuleSpec).zone] : [],
  );
  return [...new Set(zones)].sort();
}
