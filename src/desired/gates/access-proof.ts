import { accessApplicationAddress, audience } from '../addresses.ts';
import { type Door, doorKey } from '../doors.ts';
import type { GateCheckTerms } from './gate.ts';

/**
 * What is seen of a gate that Access enforces: it answers for exactly our application. No cover is needed, since
 * the tunnel itself refuses whoever brings no token of that application.
 */
export function accessProof(door: Door): GateCheckTerms {
  const key = doorKey(door);
  return {
    kind: 'edge/proof',
    expect: { type: 'access', audience: audience(key) },
    needs: [accessApplicationAddress(key)],
    covered: false,
  };
}
