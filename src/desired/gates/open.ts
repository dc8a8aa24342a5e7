import { isAccessGate } from '../doors.ts';
import type { BuiltGate } from './gate.ts';

/**
 * `public`: everybody gets through. Inside something that Access guards this takes a bypass of its own, since
 * the application around it would ask.
 */
export const publicGate: BuiltGate = {
  refuse: () => undefined,
  access: ({ around }) =>
    around.some((door) => isAccessGate(door.gate))
      ? { decision: 'bypass', include: [{ everyone: {} }] }
      : undefined,
};

/**
 * `identityProvider`: everybody reaches the login page, and only through the tunnel. Never an Access application:
 * it would ask people to log in before they may log in.
 */
export const identityProviderGate: BuiltGate = {
  refuse: ({ path }) => (path === undefined ? undefined : 'it is the gate of a whole host, not of a path'),
  access: () => undefined,
};
