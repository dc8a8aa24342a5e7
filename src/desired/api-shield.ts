import type { Config } from '../config/model/config.ts';
import type { KeySource } from '../config/model/gate.ts';
import type { DesiredObject, KeySetPlace, Scope } from '../core/objects/object.ts';

/** The parts of WAF rules, API Shield and key sets that a run reads for these objects. */
export function shieldScope(
  { services }: Config,
  objects: readonly DesiredObject[],
): Pick<Scope, 'wafZones' | 'apiHosts' | 'keySets'> {
  const keysOf = (kind: string) => objects.filter(({ address }) => address.kind === kind);
  const hosts = keysOf('cloudflare/token-configuration').map(({ address }) => address.key);
  const zones = keysOf('cloudflare/waf-rule').map(({ spec }) => (spec as { readonly zone: string }).zone);
  const places = [...services.values()].flatMap(({ host, gate }) =>
    gate.keys !== undefined && hosts.includes(host) ? [gate.keys] : [],
  );
  return {
    ...(zones.length > 0 && { wafZones: [...new Set(zones)].sort() }),
    ...(hosts.length > 0 && { apiHosts: [...hosts].sort(), keySets: unique(places) }),
  };
}

/** Zones that need API Shield, which nobody can make. */
export function shieldLookups(objects: readonly DesiredObject[]): readonly DesiredObject[] {
  const zones = objects.flatMap(({ address, spec }) =>
    address.kind === 'cloudflare/token-configuration' ? [(spec as { readonly zone: string }).zone] : [],
  );
  return [...new Set(zones)].sort().map((key) => ({
    address: { kind: 'cloudflare/api-shield', key },
    spec: { entitled: true },
    mustExist:
      'the zone is not entitled to API Shield, and nothing checks a token at the edge: write `at: origin` in the gate, or ask Cloudflare for API Shield (Enterprise)',
    because: 'cloudflare.zones',
  }));
}

function unique(places: readonly KeySource[]): readonly KeySetPlace[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}
