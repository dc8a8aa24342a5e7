import type { Part } from '../core/objects/part.ts';
import { type Admission, allOf, anyOf, certain, everybody, nobody } from './admission/admission.ts';
import { implies } from './admission/decision.ts';
import { doorsIn } from './compared-doors.ts';
import { admittedByAccess, admittedByOwnToken, type Course } from './course.ts';
import { coursesIn } from './courses.ts';
import { dependOn, type Earlier, Inquiry, type LayerAnswers, placesAsked } from './inquiry.ts';
import { admittedToClient } from './layers/authentik.ts';
import { copyOf } from './layers/cache.ts';
import { PartStore } from './state/part-store.ts';
import { placesOf } from './state/places.ts';
import type { ComparedDoor } from './state/snapshot.ts';
import {
  comparable,
  comparedWay,
  ledByAny,
  visitOf,
  visitTo,
  wayOfStep,
  withoutOtherPlaces,
} from './visits.ts';
import { answering, waysBy } from './ways.ts';

/** The answers of doors after planned steps that have not been taken yet. */
export type DoorsReached = ReadonlyMap<ComparedDoor, KnownDoor>;

/** A state whose people a step may admit. */
export interface AllowedEnd {
  readonly store: PartStore;
  /** The doors at which it counts. Default: all. */
  readonly at?: (door: ComparedDoor) => boolean;
  /**
   * True if it has objects that only stay. They let nobody in who got a JWT at another place, where Access asks for none, unless that
   * counted there when the run began. Default: false.
   */
  readonly hasLeftovers?: boolean;
  /** The applications of Access by which the file opens a path to everybody, whatever the origin asks there. Default: none. */
  readonly open?: ReadonlySet<string>;
}

/** Settings of an interlock. */
export interface InterlockOptions {
  /** Gates' own probe. */
  readonly exempt?: Admission;
  /** Default true: whoever passes a gate of Access may reach what is behind it, whatever that asks. */
  readonly isAccessWhole?: boolean;
}

/**
 * A step may admit those whom a door admitted when the run began, those whom the file admits, and those whom it admits
 * now. Start and goal come from live objects and the file, never from the plan.
 */
export class Interlock {
  /** The states at the beginning of the run and by the file. */
  readonly #ends: readonly AllowedEnd[];
  /** The known doors of the ends. */
  readonly #knownAtEnds: ReadonlyMap<PartStore, Map<ComparedDoor, KnownDoor>>;
  readonly #exempt: Admission;
  readonly #isAccessWhole: boolean;
  readonly #known = new Map<ComparedDoor, KnownDoor>();
  /** Doors whose answers depend, or once depended, on a place. */
  readonly #doorsAt = new Map<string, Set<ComparedDoor>>();
  /** Doors whose answers are outdated, with the places at which the store has changed. */
  readonly #stale: Map<ComparedDoor, Set<string>>;
  readonly #allowed = new Map<ComparedDoor, Admission>();
  readonly #doorsOf: ReadonlyMap<string, ComparedDoor[]>;
  /** The formula of everybody who is admitted at some path of a host. */
  readonly #atHost = new Map<string, Admission>();

  /** `ends`: the state at the beginning of the run, then those that the file wants. */
  constructor(ends: readonly AllowedEnd[], { exempt = nobody, isAccessWhole = true }: InterlockOptions = {}) {
    this.#isAccessWhole = isAccessWhole;
    this.#ends = ends;
    this.#knownAtEnds = new Map(ends.map(({ store }) => [store, new Map()]));
    this.#exempt = exempt;
    const doors = doorsIn(ends.flatMap(({ store }) => [...store.allParts()]));
    this.#stale = new Map(doors.map((door) => [door, new Set()]));
    this.#doorsOf = new Map([...new Set(doors.map(({ host }) => host))].map((host) => [host, []]));
    for (const door of doors) this.#doorsOf.get(door.host)?.push(door);
  }

  /** Computes what every door with outdated answers admits now. `at`: only at these hosts; steps then concern no others. */
  look(now: PartStore, at?: ReadonlySet<string>): void {
    for (const [door, changed] of this.#stale) {
      if (at?.has(door.host) === false) continue;
      const known = this.#known.get(door);
      this.#known.set(door, this.#answer(door, now, known && { ...known, changed }));
      this.#stale.delete(door);
    }
  }

  /**
   * The doors at which a step admits somebody new, and the answers of the doors that it concerns. `changed`: the parts
   * in which the states before and after the step differ. `reached`: the doors after the steps before this one, none of
   * which has been taken yet.
   */
  step(
    after: PartStore,
    changed: readonly Part[],
    reached: DoorsReached,
  ): { readonly newcomersAt: readonly ComparedDoor[]; readonly doors: DoorsReached } {
    const doors = new Map<ComparedDoor, KnownDoor>();
    const places = new Set(changed.flatMap(placesOf));
    const newcomersAt = [...this.#concerned(places, reached)].filter((door) => {
      const before = reached.get(door) ?? this.#known.get(door);
      const admitted = before?.admits ?? nobody;
      const known = this.#answer(door, after, before && { ...before, changed: places });
      doors.set(door, known);
      if (implies(known.admits, admitted)) return false;
      const allowed = anyOf(admitted, this.#allowedAt(door));
      if (implies(known.admits, allowed)) return false;
      return !implies(known.admits, anyOf(allowed, this.#sendingOwnToken(door, after)));
    });
    return { newcomersAt, doors };
  }

  /** Reports that the state of the doors has changed. */
  moved(changed: readonly Part[]): void {
    const places = new Set(changed.flatMap(placesOf));
    for (const door of this.#concerned(places, new Map())) {
      const since = this.#stale.get(door) ?? new Set();
      const askedPlaces = placesAsked(this.#known.get(door)?.answers ?? new Map());
      for (const place of askedPlaces) if (places.has(place)) since.add(place);
      this.#stale.set(door, since);
    }
  }

  *#concerned(places: ReadonlySet<string>, reached: DoorsReached): Iterable<ComparedDoor> {
    for (const door of new Set([...places].flatMap((place) => [...(this.#doorsAt.get(place) ?? [])]))) {
      const known = reached.get(door) ?? this.#known.get(door);
      if (known !== undefined && dependOn(known.answers, places)) yield door;
    }
  }

  #answer(door: ComparedDoor, store: PartStore, earlier: Earlier | undefined): KnownDoor {
    const known = admissionAt(store, door, earlier, wayOfStep);
    this.#knownAtEnds.get(store)?.set(door, known);
    for (const place of placesAsked(known.answers)) {
      const doors = this.#doorsAt.get(place);
      if (doors === undefined) this.#doorsAt.set(place, new Set([door]));
      else doors.add(door);
    }
    return known;
  }

  #allowedAt(door: ComparedDoor): Admission {
    const ends = this.#endsAt(door);
    const counting = ({ hasLeftovers }: AllowedEnd, admission: Admission) =>
      hasLeftovers === true
        ? withoutOtherPlaces(admission, this.#atEnd(this.#start, door).admits)
        : admission;
    const known =
      this.#allowed.get(door) ??
      anyOf(
        ...[this.#exempt, this.#allowedCopies(door)],
        ledByAny(anyOf(...ends.map((end) => counting(end, this.#atEnd(end.store, door).admits)))),
        ...(this.#isAccessWhole ? ends.map((end) => counting(end, this.#passedAccess(end, door))) : []),
      );
    this.#allowed.set(door, known);
    return known;
  }

  /** A gate of Access is the host's whole gate: besides, only the end of the request matters, unless a name leads past the tunnel. */
  #passedAccess({ store, open = nothing }: AllowedEnd, door: ComparedDoor): Admission {
    return anyOf(
      ...this.#coursesAt(store, door).flatMap((course) => {
        const past = (layer: 'Access' | 'tunnel rule') =>
          comparedWay({ ...course, admits: admittedByAccess(course, open, layer) });
        return [
          allOf(anyOf(visitOf(course), visitTo('other')), past('tunnel rule')),
          allOf(visitTo('name'), past('Access')),
        ];
      }),
    );
  }

  /**
   * Visitors who send the token of another path themselves where Access asks nothing now, and where the tunnel takes that token by the
   * file too: cloudflared reads `/a/` as `/a`, and Access counts it as below.
   */
  #sendingOwnToken(door: ComparedDoor, after: PartStore): Admission {
    const now = coursesIn(new Inquiry(after), door).map((course) => admittedByOwnToken(course));
    const atEnds = this.#endsAt(door)
      .flatMap(({ store }) => this.#coursesAt(store, door))
      .map((course) => certain(admittedByOwnToken(course, everybody)));
    return comparable(allOf(anyOf(...now), anyOf(...atEnds)), everybody);
  }

  #coursesAt(end: PartStore, door: ComparedDoor): readonly Course[] {
    const { answers } = this.#atEnd(end, door);
    return coursesIn(new Inquiry(end, { earlier: { answers, changed: nothing } }), door);
  }

  #admittedAtEnds(door: ComparedDoor): Admission {
    return anyOf(...this.#endsAt(door).map(({ store }) => this.#atEnd(store, door).admits));
  }

  /** The states whose people a step may admit at a door. */
  #endsAt(door: ComparedDoor): readonly AllowedEnd[] {
    return this.#ends.filter(({ at }) => at === undefined || at(door));
  }

  #atEnd(end: PartStore, door: ComparedDoor): KnownDoor {
    const known = this.#knownAtEnds.get(end)?.get(door) ?? admissionAt(end, door, undefined, wayOfStep);
    this.#knownAtEnds.get(end)?.set(door, known);
    return known;
  }

  get #start(): PartStore {
    return this.#ends[0]?.store ?? PartStore.empty();
  }

  /** True if the host's name leads somewhere when the run begins. Another host has no copies: gates purges before it removes a name. */
  #isLedAtStart(host: string): boolean {
    return (this.#doorsOf.get(host) ?? []).some((door) => this.#atEnd(this.#start, door).to.length > 0);
  }

  /**
   * Copies of earlier answers to others, for everybody who is admitted at some path of the host: like origins, copies
   * are not told apart from other answers. An origin's own questions do not matter: a copy is served without them.
   */
  #allowedCopies({ host, path, method = 'GET' }: ComparedDoor): Admission {
    const admitted =
      this.#atHost.get(host) ??
      (this.#isLedAtStart(host)
        ? anyOf(...(this.#doorsOf.get(host) ?? []).map((door) => this.#admittedAtEnds(door)))
        : everybody);
    this.#atHost.set(host, admitted);
    return allOf(copyOf({ host, path, method }), comparable(admitted, everybody));
  }
}

const nothing: ReadonlySet<string> = new Set();

/** The formula of everybody whom a door admits to any origin, as the interlock compares it. */
export interface KnownDoor {
  readonly admits: Admission;
  /** Everything that answers there (`Way`). */
  readonly to: readonly string[];
  /** The answers of the layers, and the places of the store on which they depend. */
  readonly answers: LayerAnswers;
}

/**
 * The formula of everybody whom a door admits to any origin, whatever that asks. `earlier`: the answers in another
 * state, reused for layers that no change since then concerns. `formulaOf`: the formula of each way.
 */
export function admissionAt(
  store: PartStore,
  door: ComparedDoor,
  earlier?: Earlier,
  formulaOf = comparedWay,
): KnownDoor {
  const inquiry = new Inquiry(store, { earlier });
  const { application } = door;
  if (application !== undefined) {
    const admits = inquiry.admits('login', (view) => admittedToClient(view, application));
    return { admits: comparable(admits, everybody), to: [], answers: inquiry.answers };
  }
  const ways = waysBy(inquiry, door);
  const admits = anyOf(...ways.map(formulaOf));
  return { admits, to: answering(ways), answers: inquiry.answers };
}
