import type { AccessApplicationSpec } from '../../reconcilers/cloudflare/access/access-application.ts';
import type { CacheRuleSpec } from '../../reconcilers/cloudflare/cache/cache-rule.ts';
import { cacheAction } from '../../reconcilers/cloudflare/cache/rule-spec.ts';
import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type { ServiceTokenSpec } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import type { WafRuleSpec } from '../../reconcilers/cloudflare/waf/waf-rule.ts';
import type { Lab } from './lab.ts';

/** Scratch objects in the form that gates would write for a file. */

export function applicationOf(
  door: string,
  policies: readonly string[],
  more: Partial<AccessApplicationSpec> = {},
): AccessApplicationSpec {
  return { name: door, destinations: [door], policies, bypass: false, waysAround: [], ...more };
}

export function tokenOf(duration = '8760h'): ServiceTokenSpec {
  return { duration, enabled: true, secret: 'kept', expendable: true, deliver: [] };
}

/** A name below the host, where no other object is. */
export function textRecordOf({ host, ground: { zone } }: Lab): DnsRecordSpec {
  const place = { zone: zone.name, zoneId: zone.id, type: 'TXT', name: `text.${host}` };
  return { ...place, content: 'asked by gates conformance', ttl: 300, proxied: false, comment: '' };
}

export function skipRuleOf({ host, ground: { zone } }: Lab): WafRuleSpec {
  const place = { zone: zone.name, zoneId: zone.id, purpose: 'skip', host } as const;
  const state = { action: 'skip', enabled: true, intact: true, shadowed: false };
  return { ...place, ...state, products: ['bic'], phases: [] };
}

export function cacheRuleOf({ host, ground: { zone } }: Lab): CacheRuleSpec {
  const place = { zone: zone.name, zoneId: zone.id, host };
  return { ...place, action: cacheAction, enabled: true, intact: true, overruled: false };
}
