import { gateKeyPath } from '../../gates/index.ts';
import type { Path } from '../mistakes/finding.ts';
import type { Config, Service } from '../model/config.ts';
import type { Gate } from '../model/gate.ts';
import { asksForToken, gatesIn, type InvariantBreach, type Judged } from './invariant.ts';

/** G116: a gate that the origin or the client cannot enforce. */
export function cannotBeCarriedOut({ config }: Judged): InvariantBreach[] {
  return gatesIn(config).flatMap(({ service, gate, path }): InvariantBreach[] => {
    const { enforcedBy, keys } = gate;
    const stream = streamBreach(service, gate, path);
    if (stream !== undefined) return [stream];
    if (enforcedBy === 'origin' && !service.origin.forwardAuth) {
      const message = `the origin ${service.origin.name} does not say that it can ask before it answers`;
      const hint = `set \`forwardAuth: true\` on the origin if it can, or use another gate`;
      const spoils = [['origins', service.origin.name, 'forwardAuth']];
      return [
        {
          path: gateKeyPath(path, gate),
          part: 'key',
          message,
          hint,
          spoils,
          cause: `G116 ${service.origin.name}`,
        },
      ];
    }
    if (enforcedBy !== 'shield' || keys === undefined || !('client' in keys)) return [];
    const client = config.clients.get(keys.client);
    if (client?.protocol !== 'oidc' || client.signingKey === 'own') return [];
    const message = `tokens of every application would pass: ${client.name} has no signing key of its own`;
    return [
      {
        path: [...gateKeyPath(path, gate), 'keys', 'client'],
        message,
        hint: `set \`signingKey: own\` on the client`,
      },
    ];
  });
}

/** A server that speaks no HTTP has no paths and no login of its own: only Access can ask before it is reached. */
function streamBreach(service: Service, gate: Gate, path: Path): InvariantBreach | undefined {
  const { url } = service.origin;
  const [scheme = ''] = url.split(':');
  if (!streams.has(scheme)) return undefined;
  if (path[2] === 'paths') {
    const message = `${service.origin.name} speaks ${scheme} and no HTTP, so it has no paths`;
    return { path, part: 'key', message, hint: 'remove the path' };
  }
  if (gate.enforcedBy === 'access' && gate.secret === undefined) return undefined;
  const message = `${service.origin.name} speaks ${scheme} and no HTTP: only Access can ask before somebody reaches it`;
  const hint = 'use the gate `cloudflare` or `serviceToken`';
  return { path: gateKeyPath(path, gate), part: 'key', message, hint };
}

/** Protocols that cloudflared forwards as a stream of bytes. */
const streams: ReadonlySet<string> = new Set(['ssh', 'rdp', 'smb', 'tcp']);

/** A service with its gate as text. */
interface Door {
  readonly service: Service;
  readonly gate: string;
}

/** G117: one application behind two doors is as open as the more open one. */
export function twoDoorsToOneBackend({ config }: Judged): InvariantBreach[] {
  const doors = hostDoors(config);
  const backendOf = (service: Service) => JSON.stringify([service.origin.url, effectiveHost(service)]);
  const ofHosts = sharedBy(doors, backendOf).flatMap((sharing) =>
    differing(sharing).map(({ service, other }): InvariantBreach => {
      const message = `the same backend as ${other.name}, behind another gate`;
      const hint = 'give both the same gate, or say it on purpose with `alias: { reason: … }`';
      return { path: ['services', service.name], message, hint, part: 'key' };
    }),
  );
  return [...ofHosts, ...undeclaredRouters(config, doors)];
}

/** A server that does not declare that it distinguishes hosts may have one application for all of them. */
function undeclaredRouters(config: Config, doors: readonly Door[]): InvariantBreach[] {
  const routers = new Set(
    [...config.origins.values()].flatMap(({ url, router, forwardAuth }) =>
      router || forwardAuth ? [url] : [],
    ),
  );
  const others = doors.filter(({ service }) => !routers.has(service.origin.url));
  return sharedBy(others, ({ origin }) => origin.url).flatMap((sharing): InvariantBreach[] => {
    const [pair] = differing(sharing).filter(
      // A shared `Host` is worse, and is reported at the service. The daemon checks each call of a webhook itself.
      ({ service, other }) =>
        effectiveHost(service) !== effectiveHost(other) && !(checksCalls(service) && checksCalls(other)),
    );
    if (pair === undefined) return [];
    const { service, other } = pair;
    const message = `${other.name} and ${service.name} have different gates, and this server does not say that it tells hosts apart: one application for both is as open as the more open gate`;
    const hint =
      'set `router: true` if it has an application of its own for each host; else give both the same gate, or say it on purpose with `alias: { reason: … }`. A later release refuses such a file';
    const path = ['origins', service.origin.name];
    // An origin that can ask the outpost distinguishes hosts.
    const restsOn = [[...path, 'forwardAuth']];
    return [{ path, part: 'key', message, hint, severity: 'warning', restsOn }];
  });
}

/** Sorted by name, so that the order of the file does not matter. */
function hostDoors(config: Config): readonly Door[] {
  const services = [...config.services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  // One string for equal gates, because they are compared in pairs.
  const texts = new Map<string, string>();
  return services.map((service) => {
    const text = gateText(service.gate);
    const gate = texts.get(text) ?? text;
    texts.set(text, gate);
    return { service, gate };
  });
}

function sharedBy(doors: readonly Door[], keyOf: (service: Service) => string): readonly (readonly Door[])[] {
  const groups = new Map<string, Door[]>();
  for (const door of doors) {
    const key = keyOf(door.service);
    const sharing = groups.get(key);
    if (sharing === undefined) groups.set(key, [door]);
    else sharing.push(door);
  }
  return [...groups.values()];
}

/** The services whose gate differs from an earlier one, each with the first such service. */
function differing(
  sharing: readonly Door[],
): readonly { readonly service: Service; readonly other: Service }[] {
  return sharing.flatMap(({ service, gate }) => {
    // The search ends at the service itself at the latest.
    const other = sharing.find(
      (earlier) =>
        earlier.service === service || (earlier.gate !== gate && sharesInTheOpen(earlier.service, service)),
    )?.service;
    return other === undefined || other === service ? [] : [{ service, other }];
  });
}

function effectiveHost(service: Service): string {
  return service.hostHeader ?? service.host;
}

/** True if two services of one backend must have the same gate. */
function sharesInTheOpen(a: Service, b: Service): boolean {
  // One host twice is G115, which reports it.
  if (a.host === b.host || a.alias !== undefined || b.alias !== undefined) return false;
  if (isMachineHost(a, b) || isMachineHost(b, a)) return false;
  // One address behind two tunnels is two servers, unless the outpost asks it, wherever the outpost is.
  if (a.origin.tunnel !== b.origin.tunnel && !isProxied(a) && !isProxied(b)) return false;
  return true;
}

/** The outpost forwards requests with the Host header that it received. */
function isProxied({ gate }: Service): boolean {
  return gate.enforcedBy === 'outpost';
}

/** The daemon checks the signature of each call, whatever its host. */
function checksCalls({ gate }: Service): boolean {
  return gate.secret !== undefined;
}

/** The host by which machines reach the API of the identity provider. */
function isMachineHost(face: Service, machine: Service): boolean {
  return face.gate.showsLogin && asksForToken(machine.gate);
}

/** The text is equal for gates that admit the same people: the order of lists and reasons are ignored. */
function gateText(gate: Gate): string {
  const entries = Object.entries(gate).filter(([key]) => key !== 'reason');
  return JSON.stringify(
    entries
      .map(([key, value]): [string, unknown] => [
        key,
        Array.isArray(value) ? value.map((item) => JSON.stringify(item)).sort() : value,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
