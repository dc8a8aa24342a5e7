import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { doorOf, hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import type { Service } from '../../config/model/config.ts';
import type { Observed } from '../../core/objects/object.ts';
import { doorKey, doorsOf, hasApplication, isAccessGate } from '../terms/doors.ts';
import { isWildcard, matchesHost } from './host-pattern.ts';
import type { Surroundings } from './surroundings.ts';

/** An invariant (docs/invariants.md) that a foreign live object would break, and what to do. */
export interface LiveBreach {
  readonly code: 'G101' | 'G103' | 'G104' | 'G117';
  readonly reason: string;
}

/** The first breach at this service's doors, if there is one. */
export function breachAt(
  service: Service,
  world: Surroundings,
  services: Iterable<Service>,
): LiveBreach | undefined {
  return (
    secondApplication(service, world) ??
    secondProvider(service, world) ??
    wayAround(service, world) ??
    ruleOfPath(service, world) ??
    secondName(service, world, services)
  );
}

/** G101, G104: a foreign Access application on the host or on a path of it. For a zone: {@link wildcardOver}. */
function secondApplication(service: Service, { applications }: Surroundings): LiveBreach | undefined {
  const doors = doorsOf(service);
  // For a door with our own application, the plan reports its owner, and `gates adopt` may take it over.
  const ours = new Set(doors.filter(hasApplication).map((door) => doorKey(door).toLowerCase()));
  for (const application of applications) {
    const uri = application.spec.destinations.find(
      (destination) =>
        standsAt(service, destination) && !ours.has(doorOf(destination)) && disturbs(service, application),
    );
    if (uri !== undefined) return twoGates(service, application, uri);
  }
  return undefined;
}

function twoGates(service: Service, { spec }: Observed<AccessApplicationSpec>, uri: string): LiveBreach {
  const whose = `the Access application "${spec.name}", which is not ours, stands on ${uri}`;
  return service.gate.showsLogin
    ? { code: 'G104', reason: `${whose}: nobody could log in, since it asks for a login first; remove it` }
    : {
        code: 'G101',
        reason: `${whose}: two gates would decide there; remove it, or take the host out of it`,
      };
}

/** An application that asks for nothing disturbs only services that rely on Access to ask. */
function disturbs(service: Service, { spec }: Observed<AccessApplicationSpec>): boolean {
  return !spec.bypass || doorsOf(service).some(({ gate }) => isAccessGate(gate));
}

function standsAt({ host }: Service, uri: string): boolean {
  const pattern = hostIn(uri);
  if (pattern === undefined || !matchesHost(pattern, host)) return false;
  return !isWildcard(pattern) || uri.includes('/');
}

/** A foreign Access application that covers the host along with many others, and asks for a login. */
export function wildcardOver(
  { host }: Pick<Service, 'host'>,
  { applications }: Pick<Surroundings, 'applications'>,
): Observed<AccessApplicationSpec> | undefined {
  return applications.find(
    ({ spec }) =>
      !spec.bypass &&
      spec.destinations.some((uri) => {
        const pattern = hostIn(uri);
        return (
          pattern !== undefined && isWildcard(pattern) && matchesHost(pattern, host) && !uri.includes('/')
        );
      }),
  );
}

/** G101: if an outpost has two providers for one host, the one that it loaded last decides. */
function secondProvider({ gate, host }: Service, { providers }: Surroundings): LiveBreach | undefined {
  if (gate.login !== 'authentik') return undefined;
  const otherProvider = providers.find(
    ({ spec }) => URL.canParse(spec.externalHost) && new URL(spec.externalHost).hostname === host,
  );
  if (otherProvider === undefined || otherProvider.spec.mode === 'forward_domain') return undefined;
  const whose = `the proxy provider "${otherProvider.address.key}", which is not ours, guards the host too`;
  const remedy =
    otherProvider.owner === undefined
      ? 'if no other one does, `gates adopt` takes it over; else take it out of its outpost'
      : 'take it out of its outpost';
  const reason = `${whose}: one of the two would decide, and nobody knows which; ${remedy}`;
  return { code: 'G101', reason };
}

/** G103: visitors who know the server's address reach the login page past the edge. */
function wayAround({ gate, host }: Service, { records }: Surroundings): LiveBreach | undefined {
  if (!gate.showsLogin) return undefined;
  const record = records.find(
    ({ spec }) => spec.name === host && (spec.type === 'A' || spec.type === 'AAAA'),
  );
  if (record === undefined) return undefined;
  const { type, content } = record.spec;
  const reason = `a record of type ${type}, which is not ours, leads to ${content} around the tunnel: remove it`;
  return { code: 'G103', reason };
}

/**
 * G101: a foreign tunnel rule for some paths of the host answers before ours, past the gate. And since no rule has a mark, it would pass
 * for ours, and be removed, once we have the host's record.
 */
function ruleOfPath({ host }: Service, { pathRules }: Surroundings): LiveBreach | undefined {
  const rule = pathRules.find(({ spec }) => spec.hostname === host);
  if (rule === undefined) return undefined;
  const reason = `the tunnel rule for ${host} ${rule.spec.path}, which is not ours, answers before ours: remove it`;
  return { code: 'G101', reason };
}

/**
 * G117: another name leads to the same server with the same Host, past this service's gate. Where the file leads that name
 * there too, its own checks have judged both, and nobody has marked the rule yet.
 */
function secondName(
  service: Service,
  { rules }: Surroundings,
  services: Iterable<Service>,
): LiveBreach | undefined {
  const { origin, host, hostHeader, gate, alias } = service;
  if (gate.enforcedBy === 'nobody' || alias !== undefined) return undefined;
  const name = hostHeader ?? host;
  const intended = new Set(
    [...services]
      .filter((each) => (each.hostHeader ?? each.host) === name && sameUrl(each.origin.url, origin.url))
      .map((each) => each.host),
  );
  const otherRule = rules.find(
    ({ spec, owner }) =>
      spec.tunnel === origin.tunnel &&
      spec.hostname !== host &&
      spec.hostname !== '' &&
      (spec.originRequest.httpHostHeader ?? spec.hostname) === name &&
      !(owner === undefined && intended.has(spec.hostname)) &&
      sameUrl(spec.service, origin.url),
  );
  if (otherRule === undefined) return undefined;
  const reason = `the ingress rule for ${otherRule.spec.hostname}, which is not ours, leads to the same backend, past this gate: remove it, or say it on purpose with \`alias: { reason: … }\``;
  return { code: 'G117', reason };
}

function sameUrl(left: string, right: string): boolean {
  return left.replace(/\/$/, '').toLowerCase() === right.replace(/\/$/, '').toLowerCase();
}
