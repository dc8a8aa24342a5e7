import { rulesIn } from '../../cloudflare/rulesets/ip-rules.ts';
import { addressInside } from '../../expressions/address-range.ts';
import type { IpRule, World, Zone } from '../../state/world.ts';
import { type Circumstances, VISITOR_COUNTRY, VISITOR_IP } from '../view/circumstances.ts';

/** The IP Access rules of a zone for a visitor; networks are not played. */
export function ipRulesAbout(world: World, zone: Zone, from: Circumstances = {}): IpRule[] {
  const { ip = VISITOR_IP, country = VISITOR_COUNTRY } = from;
  return rulesIn(world, zone.id).filter(({ target, value }) =>
    target === 'country' ? value.toUpperCase() === country : target !== 'asn' && addressInside(ip, value),
  );
}
