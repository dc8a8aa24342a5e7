import { RejectedError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import { accessApplication } from '../cloudflare/access/access-application.ts';
import { probeKey } from '../cloudflare/access/policy/probe-key.ts';
import { keptToken } from '../cloudflare/service-token/kept-token.ts';
import { serviceToken } from '../cloudflare/service-token/service-token.ts';
import type { EdgeFinding } from './finding.ts';
import { checkGate } from './prober.ts';

/**
 * The headers with which Access accepts the probe's token.
 * @throws RejectedError if the vault does not have it.
 */
export async function probeCredentials(world: World): Promise<Readonly<Record<string, string>>> {
  const tokens = await world.read(serviceToken);
  const token = tokens.find(({ address: { key }, owner }) => key === probeKey && owner === world.scope.owner);
  const kept = token === undefined ? undefined : await keptToken(world, probeKey, token.id);
  const { clientId, clientSecret } = kept ?? {};
  if (clientId === undefined || clientSecret === undefined) {
    throw new RejectedError('The token of the probe is not in the vault', {
      hint: 'The next run makes another one',
    });
  }
  return { 'cf-access-client-id': clientId, 'cf-access-client-secret': clientSecret };
}

/**
 * The finding if something other than the cover answers a stranger; undefined if the cover does. Before that, gates
 * sends no token: it would reach the origin, and its answer would not show who else gets through.
 */
export async function coverMissing(host: string, world: World): Promise<EdgeFinding | undefined> {
  const applications = await world.read(accessApplication);
  const cover = applications.find(
    ({ address: { key }, owner }) => key === host && owner === world.scope.owner,
  );
  const expect = { type: 'access', audience: cover?.attributes.aud ?? '' } as const;
  return checkGate({ host, looks: [{ path: '/' }], expect, headers: {}, changed: true }, world);
}
