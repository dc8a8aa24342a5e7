import type { Observed } from '../../src/core/objects/object.ts';
import type { World } from '../../src/core/world.ts';
import { proxyProvider } from '../authentik/provider/proxy-provider.ts';
import { type AccessApplicationSpec, accessApplication } from '../cloudflare/access/access-application.ts';
import { depthAround } from '../cloudflare/access/application/destination.ts';
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
  return (await pathApplications(host, world)).some(({ attributes: { aud } }) => aud === audience);
}

/**
 * True if such an application lets everybody past its path, which is around or at `path`, and so around the cover. The tunnel refuses
 * them, since it demands the cover's token, until the check without the cover.
 */
export async function isAroundCover(host: string, path: string, world: World): Promise<boolean> {
  return (await pathApplications(host, world)).some(
    ({ spec: { bypass, destinations } }) => bypass && depthAround(`${host}${path}/`, destinations) > 0,
  );
}

async function pathApplications(
  host: string,
  world: World,
): Promise<readonly Observed<AccessApplicationSpec>[]> {
  const applications = await world.read(accessApplication);
  return applications.filter(
    ({ owner, spec: { destinations } }) =>
      owner === world.scope.owner && destinations.every((destination) => destination.startsWith(`${host}/`)),
  );
}

/** True if another login of ours still answers. Its exceptions say nothing about those of the new login. */
export function isHandingOver(expect: Expectation): boolean {
  if (expect.type !== 'authentik') return false;
  return expect.leaving?.some(({ clientId }) => clientId !== expect.clientId) === true;
}
