import { isAtLeast } from '../../state/authentik-version.ts';
import type { World } from '../../state/world.ts';

/**
 * Whose access tokens a provider takes for its own when an outpost or a client asks about one: those that it issued, and
 * from 2026.5 on those of the providers in its `jwt_federation_providers`, whatever the policies of its own application
 * say of the person.
 */
export function trustedIssuers(world: World, provider: number): readonly number[] {
  const { providers, version } = world.authentik;
  const row = isAtLeast(version, '2026.5') ? providers.find(({ pk }) => pk === provider) : undefined;
  return [provider, ...(row?.jwt_federation_providers ?? [])];
}
