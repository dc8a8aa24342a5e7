import type { CloudflareConfig } from '../../config/model/config.ts';
import type { Scope } from '../../core/objects/object.ts';

/** The zones of a file, and the names of the tokens that some of them have. */
export function zoneScope({
  zones,
  zoneTokens,
}: Pick<CloudflareConfig, 'zones' | 'zoneTokens'>): Pick<Scope, 'zones' | 'zoneTokens'> {
  return { zones, ...(zoneTokens.size > 0 && { zoneTokens: Object.fromEntries(zoneTokens) }) };
}
