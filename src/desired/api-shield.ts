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

function unique(places: readonly KeySource[]): readonly KeySetPlace[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}
