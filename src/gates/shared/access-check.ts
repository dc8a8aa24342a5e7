import { accessApplicationAddress, audience } from '../../desired/terms/addresses.ts';
import { type Door, doorKey } from '../../desired/terms/doors.ts';
import type { GateCheckTerms } from './built-gate.ts';

/**
 * The check of a gate that Access enforces: it must answer for exactly our application. It needs no cover, because
 * the tunnel itself refuses every request without a token of that application.
 */
export function accessCheck(door: Door): GateCheckTerms {
  const key = doorKey(door);
  return {
    kind: 'edge/proof',
    expect: { type: 'access', audience: audience(key) },
    needs: [accessApplicationAddress(key)],
    covered: false,
  };
}
