import type { Part } from '../core/part.ts';
import { type Admission, allOf, anyOf, negated, nobody, unknown } from './admission.ts';
import { implies } from './decision.ts';
import { pathClasses } from './paths.ts';
import { type DoorRequest, placesOf, type Snapshot } from './snapshot.ts';
import { waysTo } from './ways.ts';

/**
 * Whom a write may let in: those whom a door admitted when the run began, or admits by the file, or admits at this moment.
 * Start and goal are computed from what was read and from the file, never from the plan. Origins are not told apart yet.
 */
export class Interlock {
  readonly #bounds: readonly Snapshot[];
  readonly #exempt: Admission;
  readonly #doors: readonly DoorRequest[];
  readonly #now = new Map<DoorRequest, KnownDoor>();
  readonly #allowed = new Map<DoorRequest, Admission>();

  /** `exempt`: who may be anywhere, as gates' own probe. */
  constructor(start: Snapshot, goal: Snapshot, exempt: Admission = nobody) {
    this.#bounds = [start, goal];
    this.#exempt = exempt;
    this.#doors = doorsIn([...everyPart(start), ...everyPart(goal)]);
  }

  /** The doors at which the step from `now` to `after` admits somebody new. `changed`: the parts by which the two differ. */
  newcomersAt(now: Snapshot, after: Snapshot, changed: readonly Part[]): readonly DoorRequest[] {
    const places = new Set(changed.flatMap(placesOf));
    return this.#doors.filter((door) => {
      const known = this.#knownAt(door, now);
      if (![...places].some((place) => known.places.has(place))) return false;
      const { admits } = admissionAt(after, door);
      if (implies(admits, known.admits)) return false;
      return !implies(admits, anyOf(known.admits, this.#allowedAt(door)));
    });
  }

  /** The state of the doors is another one now. */
  moved(changed: readonly Part[]): void {
    const places = new Set(changed.flatMap(placesOf));
    for (const [door, known] of this.#now)
      if ([...places].some((place) => known.places.has(place))) this.#now.delete(door);
  }

  /** Nothing of what was known of the doors counts any more. */
  forget(): void {
    this.#now.clear();
  }

  #knownAt(door: DoorRequest, now: Snapshot): KnownDoor {
    const known = this.#now.get(door) ?? admissionAt(now, door);
    this.#now.set(door, known);
    return known;
  }

  #allowedAt(door: DoorRequest): Admission {
    const known =
      this.#allowed.get(door) ??
      anyOf(this.#exempt, ...this.#bounds.map((bound) => admissionAt(bound, door).admits));
    this.#allowed.set(door, known);
    return known;
  }
}

/** The formula of everybody whom a door admits to any origin, as the interlock compares it. */
export interface KnownDoor {
  readonly admits: Admission;
  /** Places of the snapshot on which that depends. */
  readonly places: ReadonlySet<string>;
}

/** The formula of everybody whom a door admits to any origin, whatever that asks. */
export function admissionAt(snapshot: Snapshot, door: DoorRequest): KnownDoor {
  const places = new Set<string>();
  const ways = waysTo(snapshot, door, { note: (place) => places.add(place) });
  return { admits: compared(anyOf(...ways.map(({ admits }) => admits))), places };
}

/**
 * The formula as the interlock compares it. Sessions count as ended: a write that narrows an application ends them before it
 * counts as done. Whether an origin asks anybody is one fact for all origins of a door: they are not told apart.
 */
function compared(admission: Admission): Admission {
  if ('all' in admission) return allOf(...admission.all.map(compared));
  if ('any' in admission) return anyOf(...admission.any.map(compared));
  if ('not' in admission) return negated(compared(admission.not));
  if ('unknown' in admission)
    return admission.unknown.reason === 'origin' ? unknown('origin', '') : admission;
  return admission.has === 'session' ? nobody : admission;
}

/** Each class of paths of each host that a part names, by each method that an operation has. */
function doorsIn(parts: readonly Part[]): readonly DoorRequest[] {
  const all: Snapshot = { parts };
  const hosts = new Set(parts.flatMap(hostsIn));
  const methods = new Set([
    'GET',
    ...parts.flatMap((part) => (part.part === 'operation' ? [part.method] : [])),
  ]);
  return [...hosts].flatMap((host) =>
    pathClasses(all, host).flatMap((path) => [...methods].map((method) => ({ host, path, method }))),
  );
}

/** A label that no host has. */
const other = 'gates-other';

function hostsIn(part: Part): readonly string[] {
  const named = (host: string) => (host === '*' ? [] : [host.replaceAll('*', other)]);
  switch (part.part) {
    case 'record':
      return part.content === undefined || part.name.startsWith('_') ? [] : named(part.name);
    case 'tunnel-rule':
      return named(part.hostname);
    case 'access-application':
      return part.destinations.flatMap((uri) => named(uri.split('/')[0] ?? ''));
    default:
      return [];
  }
}

function everyPart({ parts, choices = [] }: Snapshot): readonly Part[] {
  return [...parts, ...choices.flatMap(({ values }) => values.flat())];
}
