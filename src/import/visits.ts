import { hostIn } from '../../reconcilers/cloudflare/access/application/destination.ts';
import { nameServersOf } from '../../reconcilers/edge/prober.ts';
import { isOfAuthentik, verdictOn } from '../../reconcilers/edge/reading/verdict.ts';
import { GatesError } from '../core/errors.ts';
import type { World } from '../core/world.ts';
import { servingProviders } from './authentik/authentik-login.ts';
import { tunnelOf } from './records.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import type { Visit } from './terms/visit.ts';

/** The most visits at once; each is one request. */
const mostAtOnce = 8;

/** Answers of origins that ask nobody. */
const open: ReadonlySet<string> = new Set(['application', 'redirect']);

/** The hosts to which outposts send people to log in. */
export function outpostAddresses(live: LiveObjects): readonly string[] {
  const addresses = live.of('authentik/outpost-host').map(({ spec }) => spec.host);
  return addresses.flatMap((text) => (URL.canParse(text) ? [new URL(text).hostname] : []));
}

/**
 * Visits each host that a provider of an outpost covers and no Access application guards, once, as a stranger. Neither
 * API says whether an origin asks the outpost. If no outpost says where Authentik's login page is, all hosts without an
 * Access application are visited.
 */
export async function visitedHosts(
  live: LiveObjects,
  world: World,
  onVisit: (visited: number, all: number) => void,
): Promise<ReadonlyMap<string, Visit>> {
  const providers = servingProviders(live);
  const guarded = new Set(
    live
      .of('cloudflare/access-application')
      .filter(({ spec }) => !spec.bypass)
      .flatMap(({ spec }) => spec.destinations.filter((uri) => uri === hostIn(uri))),
  );
  const leading = new Set(live.of('cloudflare/dns-record').map(({ spec }) => spec.name));
  const isLoginKnown =
    live.scope.authentik === undefined || outpostAddresses(live).some((host) => leading.has(host));
  const hosts = live.of('cloudflare/dns-record').flatMap((record) => {
    const { name } = record.spec;
    if (tunnelOf(record) === undefined || guarded.has(name) || live.otherOwnerOf(record) !== undefined)
      return [];
    if (!isLoginKnown) return [name];
    return providers.some(({ spec }) => spec.hosts.some((pattern) => isWithin(pattern, name))) ? [name] : [];
  });
  const visits = new Map<string, Visit>();
  const all = new Set(hosts);
  const queue = [...all];
  const visitNext = async (): Promise<void> => {
    for (let host = queue.shift(); host !== undefined; host = queue.shift()) {
      visits.set(host, await visited(nameUnder(host), world));
      onVisit(visits.size, all.size);
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, visitNext));
  return visits;
}

/** A name that a wildcard record answers for, and no other record; any other name is itself. */
export function nameUnder(name: string): string {
  return name.replace('*', 'gates-other');
}

/** True if a pattern of a provider, a host or all hosts of a domain (`*.example.dev`), covers the host. */
function isWithin(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  return host === pattern.slice(2) || host.endsWith(pattern.slice(1));
}

async function visited(host: string, world: World): Promise<Visit> {
  if (world.edge === undefined) return { answer: 'unclear', seen: 'nobody visited it' };
  try {
    const nameServers = await nameServersOf(host, world);
    const answer = await world.edge.get({ host, path: '/', nameServers }, world.signal);
    const verdict = verdictOn(answer, host, '/');
    if (verdict.by === 'authentik') return { answer: 'asks', clientId: verdict.request.clientId };
    const seen = `it answered ${answer.status}`;
    if (isOfAuthentik(answer.headers)) return { answer: 'login page', seen };
    return { answer: open.has(verdict.by) ? 'open' : 'unclear', seen };
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
    return { answer: 'unclear', seen: 'it did not answer' };
  }
}
