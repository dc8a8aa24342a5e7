import { rulesIn } from '../../cloudflare/rulesets/ip-rules.ts';
import { addressInside } from '../../expressions/address-range.ts';
import type { IpRule, World, Zone } from '../../state/world.ts';
import { VISITOR_COUNTRY, VISITOR_IP } from '../view/policy-decision.ts';

/** The IP Access rules of a zone for a visitor: all have one address in one country; networks are not played. */
export function ipRulesAbout(world: World, zone: Zone): IpRule[] {
  return rulesIn(world, zone.id).filter(({ target, value }) =>
    target === 'country'
      ? value.toUpperCase() === VISITOR_COUNTRY
      : target !== 'asn' && addressInside(VISITOR_IP, value),
  );
}
