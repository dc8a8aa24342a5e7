import { type Door, needsBypass } from '../../desired/terms/doors.ts';
import type { AccessTerms } from './built-gate.ts';

/**
 * The demands of Access at a door that Access leaves open. Next to a door that Access guards, it needs a bypass of its
 * own, because the application there would ask.
 */
export function openAccess(door: Door): AccessTerms | undefined {
  return needsBypass(door) ? { policies: [{ decision: 'bypass', include: [{ everyone: {} }] }] } : undefined;
}
