import type { Config, Gate, PathException, Service } from '../config/config.ts';
import { accessDestinations, destinationBelow } from './paths.ts';

/** A host, or a path of it, and the one gate that decides who gets through. */
export interface Door {
  readonly service: Service;
  readonly host: string;
  /** Undefined for the host itself. */
  readonly path: PathException | undefined;
  readonly gate: Gate;
  /** The doors around this one, nearest first, the host's last; none for the host itself. */
  readonly around: readonly Door[];
}

/** Gates that Access enforces: an application of ours stands at the door. */
export function isAccessGate(gate: Gate): boolean {
  return gate.type === 'cloudflare' || gate.type === 'serviceToken';
}

/** Every door of a service: the host, then its exceptions, the outer before the inner. */
export function doorsOf(service: Service): readonly Door[] {
  const { host } = service;
  const doors: Door[] = [{ service, host, path: undefined, gate: service.gate, around: [] }];
  const outerFirst = [...service.paths].sort((left, right) => left.prefix.length - right.prefix.length);
  for (const path of outerFirst) {
    const around = doors.filter((door) => surrounds(door, path)).reverse();
    doors.push({ service, host, path, gate: path.gate, around });
  }
  return doors;
}

/** Every door of the file. */
export function allDoors(config: Pick<Config, 'services'>): readonly Door[] {
  return [...config.services.values()].flatMap(doorsOf);
}

function surrounds(door: Door, path: PathException): boolean {
  if (door.path === undefined) return true;
  if (door.path.form === 'exact') return false;
  return path.prefix === door.path.prefix || path.prefix.startsWith(`${door.path.prefix}/`);
}

/** The key of a door's policy and application: `host` or `host/path`; never the service's name. */
export function doorKey(door: Pick<Door, 'host' | 'path'>): string {
  return `${door.host}${door.path?.prefix ?? ''}`;
}

/**
 * Destinations of the application at a door: its own, and what lies below the exact exceptions inside it,
 * which Access would otherwise take for part of those exceptions.
 */
export function destinationsOf(door: Door): readonly string[] {
  const own = door.path === undefined ? [door.host] : accessDestinations(door.host, door.path);
  const below = doorsOf(door.service)
    .filter((inner) => inner.path?.form === 'exact' && isSame(inner.around[0], door))
    .filter(hasApplication)
    .flatMap((inner) => (inner.path === undefined ? [] : [destinationBelow(inner.host, inner.path)]));
  return [...own, ...below].sort();
}

/**
 * Whether an Access application stands at the door: it guards, or it opens a path of something that is guarded.
 * A public path of a public host needs none.
 */
export function hasApplication(door: Door): boolean {
  if (isAccessGate(door.gate)) return true;
  return door.path !== undefined && door.around.some((outer) => isAccessGate(outer.gate));
}

function isSame(left: Door | undefined, right: Door): boolean {
  return left !== undefined && doorKey(left) === doorKey(right) && left.path?.form === right.path?.form;
}
