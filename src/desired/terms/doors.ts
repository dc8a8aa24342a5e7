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

/** Gates that Access enforces: an application of ours stands at the door. */
export function isAccessGate(gate: Gate): boolean {
  return gate.enforcedBy === 'access';
}

/** A gate for calls that the daemon enforces alone: Access asks nothing. */
export function isCallGate(gate: Gate): boolean {
  return gate.enforcedBy === 'daemon';
}

/** A gate for which the origin asks the outpost. */
export function asksOutpost({ enforcedBy, login }: Gate): boolean {
  return enforcedBy === 'origin' && login === 'authentik';
}

/** A gate for which the origin asks the daemon about the token of a caller. */
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

/** As many destinations as an Access application may have: 50 since June 2026, fewer on some old accounts. */
const mostDestinations = 50;

/**
 * Destinations of the application at a door: its own, and what lies below the exact exceptions inside it,
 * which Access would otherwise take for part of those exceptions.
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

/** Whether an Access application stands at the door, be it one that lets everybody by. */
export function hasApplication(door: Door): boolean {
  return isAccessGate(door.gate) || needsBypass(door);
}

/**
 * Whether Access would ask at an open door if it were not told to let everybody by: the door around it is
 * guarded, or a guarded path inside it covers more at Access than its exact form says.
 */
export function needsBypass(door: Door): boolean {
  if (isAccessGate(door.gate)) return false;
  const [outer] = door.around;
  if (outer !== undefined && isAccessGate(outer.gate)) return true;
  return exactInside(door).some((inner) => isAccessGate(inner.gate));
}

/**
 * Whether the application at a guarded door holds what lies below an exact path. While it hands that on to another one,
 * Access takes it for part of the exact path, and only the tunnel refuses.
 */
export function letsGoBelow(door: Door): boolean {
  return isAccessGate(door.gate) && exactInside(door).length > 0;
}

/** Exact exceptions that lie in this door, and in no other between. */
function exactInside(door: Door): readonly Door[] {
  return doorsOf(door.service).filter(
    ({ path, around }) => path?.form === 'exact' && around[0]?.path?.path === door.path?.path,
  );
}

/**
 * The door that a request comes to, for its path as it was sent, without query; `refused` where the tunnel turns
 * it away. A path with an encoded slash has two readings, the edge's and the tunnel's, and comes through only
 * where both let it. A path that is not plain never comes to an exception; on a host with a guarded one it is
 * refused, because the origin might take it for that one.
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

/** Stands for a slash that separates nothing: no exception is written with it. */
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

/** Whether a path has a gate of its own that Access enforces. */
export function hasGuardedPath(doors: readonly Door[]): boolean {
  return doors.some(({ path, gate }) => path !== undefined && isAccessGate(gate));
}
