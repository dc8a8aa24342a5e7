import type { Plan, Zone } from '../../state/world.ts';
import { CloudflareApiError } from './reply.ts';
import type { CloudflareCall } from './router.ts';
import { requireZone } from './zones.ts';

const PLANS: readonly Plan[] = ['free', 'pro', 'business', 'enterprise'];

/** True if the zone has at least this plan. */
export function hasPlan(zone: Zone, least: Plan): boolean {
  return PLANS.indexOf(zone.plan) >= PLANS.indexOf(least);
}

export function hasApiShield(zone: Zone): boolean {
  return zone.apiShield ?? zone.plan === 'enterprise';
}

/** The zone of an API Shield call: every call gets 403 code 10403 if the zone is not entitled (facts §6). */
export function shieldedZone(call: CloudflareCall): Zone {
  const zone = requireZone(call);
  if (hasApiShield(zone)) return zone;
  throw new CloudflareApiError(403, { code: 10403, message: 'You are not entitled for this service' });
}
