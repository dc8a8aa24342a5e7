import { isAtLeast } from '../../state/authentik-version.ts';
import type { World } from '../../state/world.ts';

/**
 * The providers whose access tokens a provider accepts when an outpost or a client asks about one: itself and, since
 * 2026.5, those in its `jwt_federation_providers`, whatever the policies of its own application say of the person.
 */
export function trustedIssuers(world: World, provider: number): readonly number[] {
  const { providers, version } = world.authentik;
  const row = isAtLeast(version, '2026.5') ? providers.find(({ pk }) => pk === provider) : undefined;
  return [provider, ...(row?.jwt_federation_providers ?? [])];
}
