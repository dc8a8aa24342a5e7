import type { PathException, Service } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { accessDestinations, decodePath, destinationBelow, isPlain, matchesPath } from './paths.ts';

/** A host, or a path of it, and the one gate that decides who gets through. */
export interface Door<G extends Gate = Gate> {
  readonly service: Service;
  readonly host: string;
  /** Undefined for the host itself. */
  readonly path: PathException | undefined;
  readonly gate: G;
  /** The doors around this one, nearest first, the host's last; none for the host itself. */
  readonly around: readonly Door[];
}

/** True for gates that Access enforces: one of our applications is at the door. */
export function isAccessGate(gate: Gate): boolean {
  return gate.enforcedBy === 'access';
}

/** True for a gate for calls that only the daemon enforces: Access asks for nothing. */
export function isCallGate(gate: Gate): boolean {
  return gate.enforcedBy === 'daemon';
}

/** True for a gate for which the origin asks the outpost. */
export function asksOutpost({ enforcedBy, login }: Gate): boolean {
  return enforcedBy === 'origin' && login === 'authentik';
}

/** True for a gate for which the origin asks the daemon about the token of a caller. */
export function asksDaemon({ enforcedBy, keys }: Gate): boolean {
  return enforcedBy === 'origin' && keys !== undefined;
}

/** Every door of a service: the host, then its exceptions, the outer before the inner. */
export function doorsOf(service: Service): readonly Door[] {
  const { host } = service;
  const doors: Door[] = [hostDoor(service)];
  const outerFirst = [...service.paths].sort((left, right) => left.prefix.length - right.prefix.length);
  for (const path of outerFirst) {
    const around = doors.filter((door) => surrounds(door, path)).reverse();
    doors.push({ service, host, path, gate: path.gate, around });
  }
  return doors;
}

/** The door of the whole host. */
export function hostDoor(service: Service): Door {
  return { service, host: service.host, path: undefined, gate: service.gate, around: [] };
}

function surrounds(door: Door, path: PathException): boolean {
  if (door.path === undefined) return true;
  return door.path.form === 'subtree' && matchesPath(door.path, isAccessGate(door.gate), path.prefix);
}

/** The key of a door's policy and application: `host` or `host/path`; never the service's name. */
export function doorKey(door: Pick<Door, 'host' | 'path'>): string {
  return `${door.host}${door.path?.prefix ?? ''}`;
}

/** The most destinations that an Access application may have: 50 since June 2026, fewer on some old accounts. */
const mostDestinations = 50;

/**
 * Destinations of the application at a door: its own, and the paths below its exact exceptions, which Access would
 * otherwise count as part of those exceptions.
 */
export function destinationsOf(door: Door): readonly string[] {
  return allDestinations(door).slice(0, mostDestinations);
}

/**
 * The destinations for which an application has no room. They are closed to everybody, because the tunnel does not
 * admit them.
 */
export function uncoveredDestinations(door: Door): readonly string[] {
  return hasApplication(door) ? allDestinations(door).slice(mostDestinations) : [];
}

function allDestinations(door: Door): readonly string[] {
  const own = door.path === undefined ? [door.host] : accessDestinations(door.host, door.path);
  const below = exactInside(door)
    .filter(hasApplication)
    .flatMap((inner) => (inner.path === undefined ? [] : [destinationBelow(inner.host, inner.path)]));
  return [...own, ...below.sort()];
}

/** True if an Access application is at the door, even one that admits everybody. */
export function hasApplication(door: Door): boolean {
  return isAccessGate(door.gate) || needsBypass(door);
}

/**
 * True if an open door needs an Access application that admits everybody: the outer door is guarded, or a
 * guarded inner path covers more at Access than its exact form says.
 */
export function needsBypass(door: Door): boolean {
  if (isAccessGate(door.gate)) return false;
  const [outer] = door.around;
  if (outer !== undefined && isAccessGate(outer.gate)) return true;
  return exactInside(door).some((inner) => isAccessGate(inner.gate));
}

/**
 * True if the application at a guarded door has the paths below an exact one. While it hands them over to another
 * application, Access counts them as part of the exact path, and only the tunnel refuses.
 */
export function letsGoBelow(door: Door): boolean {
  return isAccessGate(door.gate) && exactInside(door).length > 0;
}

/** Exact exceptions directly inside this door, with no other door in between. */
function exactInside(door: Door): readonly Door[] {
  return doorsOf(door.service).filter(
    ({ path, around }) => path?.form === 'exact' && around[0]?.path?.path === door.path?.path,
  );
}

/**
 * The door that a request reaches, for its path as sent, without query; `refused` if the tunnel rejects it. A path with
 * an encoded slash has two readings, the edge's and the tunnel's, and passes only if both admit it. A path that is not
 * plain never reaches an exception. On a host with a guarded exception it is refused, because the origin might read it
 * as that one.
 */
export function doorAt(service: Service, raw: string): Door | 'refused' {
  const atTunnel = readAs(service, decodePath(raw));
  const atEdge = readAs(service, decodePath(raw.replace(/%2f/gi, encodedSlash)));
  if (atTunnel === 'refused' || atEdge === 'refused') return 'refused';
  const sameDoor = atTunnel.path?.path === atEdge.path?.path;
  if (isAccessGate(atTunnel.gate) && !sameDoor) return 'refused';
  // If Access does not ask, the gate of the host does, with its own reading.
  return service.gate.readsDecoded && !isAccessGate(atEdge.gate) ? atTunnel : atEdge;
}

/** A placeholder for a slash that separates nothing: no exception contains it. */
const encodedSlash = '\ufffd';

function readAs(service: Service, path: string | undefined): Door | 'refused' {
  if (path === undefined) return 'refused';
  const doors = doorsOf(service);
  if (!isPlain(path)) return hasGuardedPath(doors) ? 'refused' : hostDoor(service);
  const innerFirst = [...doors].reverse();
  const found = innerFirst.find(
    (door) => door.path !== undefined && matchesPath(door.path, isAccessGate(door.gate), path),
  );
  return found ?? hostDoor(service);
}

/** True if a path has a gate of its own that Access enforces. */
export function hasGuardedPath(doors: readonly Door[]): boolean {
  return doors.some(({ path, gate }) => path !== undefined && isAccessGate(gate));
}
