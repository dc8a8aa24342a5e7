import { type WafRuleSpec, wafRuleKey } from '../../reconcilers/cloudflare/waf/waf-rule.ts';
import type { Config } from '../config/model/config.ts';
import { zoneOf } from '../config/model/host.ts';
import type { DesiredObject } from '../core/objects/object.ts';
import type { Linked } from '../core/objects/reference.ts';
import { zoneId } from './terms/addresses.ts';

/**
 * The rules by which requests of machines skip products and phases, at the hosts that the file names. They never skip
 * another rule.
 */
export function compileWafSkip({ cloudflare, waf: { skip } }: Config): readonly DesiredObject[] {
  const { hosts = [], products = [], phases = [] } = skip ?? {};
  if (products.length + phases.length === 0) return [];
  const zones = new Set(cloudflare.zones);
  return hosts.flatMap((host) => {
    const zone = zoneOf(host, zones);
    if (zone === undefined) return [];
    const spec: Linked<WafRuleSpec> = {
      ...{ zone, zoneId: zoneId(zone), purpose: 'skip', host, action: 'skip' },
      ...{ enabled: true, intact: true, shadowed: false },
      products: [...products].sort(),
      phases: [...phases].sort(),
    };
    return [
      {
        address: { kind: 'cloudflare/waf-rule', key: wafRuleKey({ purpose: 'skip', host }) },
        spec,
        because: 'waf.skip',
      },
    ];
  });
}
