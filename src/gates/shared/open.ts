import { needsBypass } from '../../desired/terms/doors.ts';
import type { BuiltGate } from './gate.ts';

/**
 * `public`: everybody gets through. Beside something that Access guards this takes a bypass of its own, since
 * the application there would ask.
 */
export const publicGate: BuiltGate = {
  refuse: () => undefined,
  access: (door) => (needsBypass(door) ? { decision: 'bypass', include: [{ everyone: {} }] } : undefined),
};

/**
 * `identityProvider`: everybody reaches the login page, and only through the tunnel. Never an Access application
 * that asks: people would have to log in before they may log in.
 */
export const identityProviderGate: BuiltGate = {
  refuse: ({ path }) => (path === undefined ? undefined : 'it is the gate of a whole host, not of a path'),
  access: publicGate.access,
};
