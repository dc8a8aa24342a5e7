import { type Door, needsBypass } from '../../desired/terms/doors.ts';
import type { AccessTerms } from './built-gate.ts';

/**
 * The demands of Access at a door that Access leaves open. Beside something that Access guards the door takes a bypass of its
 * own, since the application there would ask.
 */
export function openAccess(door: Door): AccessTerms | undefined {
  return needsBypass(door) ? { decision: 'bypass', include: [{ everyone: {} }] } : undefined;
}
