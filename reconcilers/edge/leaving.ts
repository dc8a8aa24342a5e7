import type { World } from '../../src/core/world.ts';
import { proxyProvider } from '../authentik/provider/proxy-provider.ts';
import { accessApplication } from '../cloudflare/access/access-application.ts';
import type { Expectation } from './finding.ts';

/**
 * The expectation with the logins that leave the host. If a host has two providers, its own answers before that of
 * its domain (facts/authentik, forward auth). So a host that moves to its domain's login keeps its own until gates
 * removes that.
 */
export async function withLeaving(host: string, expect: Expectation, world: World): Promise<Expectation> {
  if (expect.type !== 'authentik') return expect;
  const providers = await world.read(proxyProvider);
  const leaving = providers
    .filter(({ owner, spec: { hosts } }) => owner === world.scope.owner && hosts.includes(host))
    .map(({ attributes: { clientId = '' }, spec: { externalHost } }) => ({
      login: expect.login,
      clientId,
      callback: externalHost.replace(/^https?:\/\//, ''),
    }));
  return { ...expect, leaving };
}

/**
 * True if an Access application of ours has only paths of the host. Such an application can answer a check only if the
 * file no longer has it.
 */
export async function isOwnPath(
  { host, audience }: { readonly host: string; readonly audience: string },
  world: World,
): Promise<boolean> {
  const applications = await world.read(accessApplication);
  return applications.some(
    ({ owner, attributes: { aud }, spec: { destinations } }) =>
      owner === world.scope.owner &&
      aud === audience &&
      destinations.every((destination) => destination.startsWith(`${host}/`)),
  );
}

/** True if another login of ours still answers. Its exceptions say nothing about those of the new login. */
export function isHandingOver(expect: Expectation): boolean {
  if (expect.type !== 'authentik') return false;
  return expect.leaving?.some(({ clientId }) => clientId !== expect.clientId) === true;
}
