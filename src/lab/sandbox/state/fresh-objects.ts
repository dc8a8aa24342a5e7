import { type Mint, newClientSecret, newHex, newTunnelSecret, newUuid } from './ids.ts';
import type { ServiceToken, Tunnel } from './world.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A tunnel that no connector has run yet. */
export function newTunnel(
  mint: Mint,
  given: { name: string; configSrc: Tunnel['configSrc']; createdAt: string; secret?: string },
): Tunnel {
  return {
    id: newUuid(mint),
    name: given.name,
    configSrc: given.configSrc,
    secret: given.secret ?? newTunnelSecret(mint),
    createdAt: given.createdAt,
    deletedAt: null,
    versions: [],
    connectors: [],
    neverRan: true,
  };
}

/** The tunnel with one more healthy connector. */
export function connected(mint: Mint, { neverRan, ...tunnel }: Tunnel, openedAt: string): Tunnel {
  return { ...tunnel, connectors: [...tunnel.connectors, { id: newUuid(mint), openedAt }] };
}

/** A service token that is valid from `now` (epoch ms); `duration` must have been checked before. */
export function newServiceToken(
  mint: Mint,
  given: { name: string; duration: string; now: number; expiresAt?: string | null; enabled?: boolean },
): ServiceToken {
  const at = new Date(given.now).toISOString();
  return {
    id: newUuid(mint),
    clientId: `${newHex(mint, 32)}.access`,
    name: given.name,
    duration: given.duration,
    enabled: given.enabled ?? true,
    secret: newClientSecret(mint),
    secretVersion: 1,
    previous: null,
    expiresAt: given.expiresAt === undefined ? new Date(given.now + YEAR_MS).toISOString() : given.expiresAt,
    lastSeenAt: null,
    createdAt: at,
    updatedAt: at,
  };
}
