import { storingFolder } from '../../reconcilers/edge/storing-check.ts';
import { type Admission, formulaKey } from '../doors/admission/admission.ts';
import { implies } from '../doors/admission/decision.ts';
import { placesAsked } from '../doors/inquiry.ts';
import { admissionAt, type KnownDoor } from '../doors/interlock.ts';
import { outpostPath } from '../doors/layers/authentik.ts';
import { readingsOf } from '../doors/layers/path-reading.ts';
import { pathClasses } from '../doors/paths.ts';
import { PartStore } from '../doors/state/part-store.ts';
import { placesOf } from '../doors/state/places.ts';
import type { DoorRequest } from '../doors/state/snapshot.ts';
import type { LiveParts } from './live-parts.ts';
import type { PlanStates, StepsTaken, StepTaken } from './plan-states.ts';

/** A door of a host over the steps of a plan. */
export interface DoorCourse {
  /** `*.example.dev` for any host that has no name of its own. */
  readonly host: string;
  readonly door: DoorRequest & { readonly method: string };
  /** The state before the first step, and after each step that changes it, in their order. */
  readonly moments: readonly CourseMoment[];
}

/** The people whom a door admits from a step on, and what answers them. */
export interface CourseMoment {
  /** From 1, as the plan counts its steps; 0: before the first. */
  readonly step: number;
  readonly admits: Admission;
  readonly to: readonly string[];
}

/**
 * Every door of some hosts, over the steps of a plan. A door is asked again only after steps that change a
 * part at which its answer looked, and not at all if gates could not read where the hosts lead.
 */
export function doorCourses(states: PlanStates, hosts: readonly string[]): readonly DoorCourse[] {
  const { store } = states.start;
  const watched = new WatchedDoors(store, doorsOf(states, hosts));
  // Nobody knows where a host leads, before the plan and after it.
  if (leading.some((sort) => store.isUnread(sort))) return watched.courses();
  for (const taken of states.taken()) watched.take(taken);
  return watched.courses();
}

/** Parts by which a host leads somewhere. */
const leading = ['zone', 'record', 'tunnel', 'tunnel-rule'] as const;

type Door = Pick<DoorCourse, 'host' | 'door'>;

/**
 * Each class of paths of each host, by each method that an operation of API Shield has there. Left out are other spellings of a path,
 * files of which only the cache makes a class, the paths of an outpost, and those of the checks of gates.
 */
function doorsOf({ start, goal }: PlanStates, hosts: readonly string[]): readonly Door[] {
  const all = PartStore.of({ parts: [...start.store.allParts(), ...goal.store.allParts()] });
  return hosts.flatMap((named) => {
    // A label that no host has.
    const host = named.replace('*', 'gates-other');
    const saved = all.possibleParts('operation', [host]).map(({ method }) => method);
    const methods = [...new Set(['GET', ...saved])];
    const classes = new Set(pathClasses(all, host));
    const paths = [...classes].filter(
      (path) =>
        readingsOf(path).length === 1 &&
        !ownPaths.some((own) => path.startsWith(own)) &&
        !filesOf(path).some((plain) => classes.has(plain)),
    );
    return paths.flatMap((path) => methods.map((method) => ({ host: named, door: { host, path, method } })));
  });
}

/** The paths of whose class a file may be, apart from the cache: `/api` and `/api/gates-other` of `/api/gates-other.css`. */
function filesOf(path: string): readonly string[] {
  const [, plain, below] = /^((.*?)(?:\/gates-other)?)\.css$/.exec(path) ?? [];
  return plain === undefined || below === undefined ? [] : [plain, below === '' ? '/' : below];
}

const ownPaths = [`${outpostPath}/`, storingFolder];

type DoorState = Omit<CourseMoment, 'step'>;

interface Watched extends Door {
  readonly moments: CourseMoment[];
  known: KnownDoor;
}

/** Doors, by the places of the store at which their answers look. */
class WatchedDoors {
  readonly #all: readonly Watched[];
  readonly #atPlace = new Map<string, Set<Watched>>();

  constructor(start: PartStore, doors: readonly Door[]) {
    this.#all = doors.map(({ host, door }) => {
      const known = admissionAt(start, door);
      const { admits, to } = known;
      const watched: Watched = { host, door, known, moments: [{ step: 0, admits, to }] };
      this.#note(watched);
      return watched;
    });
  }

  take({ before, after, steps }: StepsTaken): void {
    const byPlace = new Map<string, Set<StepTaken>>();
    for (const step of steps) {
      for (const place of step.changed.flatMap(placesOf)) entryIn(byPlace, place).add(step);
    }
    const concerned = new Set(
      [...byPlace.keys()].flatMap((place) =>
        [...(this.#atPlace.get(place) ?? [])].filter(({ known }) =>
          placesAsked(known.answers).includes(place),
        ),
      ),
    );
    for (const watched of concerned) {
      const asked = placesAsked(watched.known.answers);
      const earlier = { ...watched.known, changed: new Set(byPlace.keys()) };
      const known = admissionAt(after.store, watched.door, earlier);
      watched.known = known;
      this.#note(watched);
      const [last] = watched.moments.slice(-1);
      if (last !== undefined && isSame(last, known)) continue;
      const own = new Set(
        [...asked, ...placesAsked(known.answers)].flatMap((place) => [...(byPlace.get(place) ?? [])]),
      );
      this.#tell(
        watched,
        before,
        steps.filter((step) => own.has(step)),
      );
    }
  }

  /** The moments of a door at which some of the steps change it, of which no other one concerns it. */
  #tell({ door, known, moments }: Watched, before: LiveParts, steps: readonly StepTaken[]): void {
    let state = before;
    for (const [index, { step, entries }] of steps.entries()) {
      state = state.with(entries, 'arrived');
      const { admits, to } = index === steps.length - 1 ? known : admissionAt(state.store, door);
      const [last] = moments.slice(-1);
      if (last === undefined || !isSame(last, { admits, to })) moments.push({ step, admits, to });
    }
  }

  courses(): readonly DoorCourse[] {
    return this.#all.map(({ host, door, moments }) => ({ host, door, moments }));
  }

  #note(watched: Watched): void {
    for (const place of placesAsked(watched.known.answers)) entryIn(this.#atPlace, place).add(watched);
  }
}

function entryIn<T>(sets: Map<string, Set<T>>, key: string): Set<T> {
  const found = sets.get(key) ?? new Set<T>();
  sets.set(key, found);
  return found;
}

function isSame(left: DoorState, right: DoorState): boolean {
  if (JSON.stringify(left.to) !== JSON.stringify(right.to)) return false;
  if (formulaKey(left.admits) === formulaKey(right.admits)) return true;
  return implies(left.admits, right.admits) && implies(right.admits, left.admits);
}
