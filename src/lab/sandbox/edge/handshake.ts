import type { World } from '../state/world.ts';
import { viewOf } from './view/view.ts';
import { zoneOf } from './view/zone-rules.ts';

/** TLS record of a fatal alert: handshake_failure (40). */
export const ALERT = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);

/** The error of `fetch` if the edge has no certificate for the host and ends the handshake. */
export class HandshakeError extends TypeError {
  constructor() {
    const cause = new Error('ssl3_read_bytes:sslv3 alert handshake failure: SSL alert number 40');
    super('fetch failed', { cause: Object.assign(cause, { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' }) });
  }
}

/** True if a host is proxied in a zone without an issued certificate. */
export function lacksCertificate(world: World, host: string): boolean {
  const zone = zoneOf(world, host);
  if (zone === undefined || world.outages?.certificates?.includes(zone.name) !== true) return false;
  const resolution = viewOf(world).resolve(host);
  return resolution.kind === 'tunnel' || (resolution.kind === 'address' && resolution.proxied);
}
