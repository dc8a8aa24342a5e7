import type { AccessEntitlement, World } from '../../state/world.ts';
import { invalidAccessRequest } from './reply.ts';

const FEATURES: readonly AccessEntitlement[] = ['approval', 'certificates', 'isolation', 'justification'];

/** A new account has no Browser Isolation, which is an add-on. */
const OF_A_NEW_ACCOUNT: readonly AccessEntitlement[] = ['approval', 'certificates', 'justification'];

export function entitledToEverything(): AccessEntitlement[] {
  return [...FEATURES];
}

/** True for a list of features. */
export function isEntitlements(given: unknown): given is AccessEntitlement[] {
  return Array.isArray(given) && given.every((each) => FEATURES.includes(each));
}

export function entitlementsOf({ account }: World): readonly AccessEntitlement[] {
  return account.entitlements ?? OF_A_NEW_ACCOUNT;
}

/** Refuses a call that needs a feature to which the account is not entitled. */
export function requireEntitlement(world: World, feature: AccessEntitlement): void {
  if (entitlementsOf(world).includes(feature)) return;
  throw invalidAccessRequest(`account is not entitled to use ${feature}`);
}
