import type { DoorExpectation } from '../config/model/config.ts';
import { type Change, isCover } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import { isAtHost } from '../core/objects/door.ts';
import type { Part } from '../core/objects/part.ts';
import { dependOn } from '../doors/inquiry.ts';
import type { PartStore } from '../doors/state/part-store.ts';
import { everyKey, placeOf, placesOf } from '../doors/state/places.ts';
import type { LiveParts } from '../interlock/live-parts.ts';
import { answerAt, type DoorAnswer } from './door-answer.ts';
import type { NamesGround } from './expected-visitor.ts';
import { type Breach, lostBy } from './judgment.ts';

/** The answers of a door at the start of a plan, and after the latest step. */
interface Course {
  readonly start: DoorAnswer;
  now: DoorAnswer;
}

/** The door of an assertion during the steps of a plan. */
export class WatchedDoor {
  readonly expectation: DoorExpectation;
  readonly #names: NamesGround;
  readonly #goal: DoorAnswer;
  /** The course if the gate works as the file says. */
  readonly #guarded: Course;
  /** The course if the origin asks nobody, until a check has confirmed that it does; undefined from then on. */
  #unchecked: Course | undefined;
  #isShown = false;

  constructor(
    expectation: DoorExpectation,
    { start, goal }: Readonly<Record<'start' | 'goal', PartStore>>,
    names: NamesGround,
    isUnchecked: boolean,
  ) {
    this.expectation = expectation;
    this.#names = names;
    this.#goal = this.#answerIn(goal);
    this.#guarded = this.#courseFrom(start);
    this.#unchecked = isUnchecked ? this.#courseFrom(withoutGates(start)) : undefined;
  }

  /** True if the answer of the door may depend on the objects that a step changes. */
  isTouchedBy({ address, have, verb }: Change, states: readonly LiveParts[]): boolean {
    if (verb === 'verify') return address.key === this.expectation.host;
    const parts = states.flatMap((state) => state.find(addressId(address), have)?.parts ?? []);
    const courses = this.#unchecked === undefined ? [this.#guarded] : [this.#guarded, this.#unchecked];
    const places = new Set(parts.flatMap(placesOf));
    return courses.some(({ now }) => dependOn(now.answers, places));
  }

  /** The loss of the assertion by a step, both since the start and since the step before. */
  take(change: Change, after: PartStore): Breach | undefined {
    const shuts = isCover(change) || change.doors.some(({ step }) => step === 'close');
    this.#isShown ||= shuts && change.doors.some(({ host }) => isAtHost(host, this.expectation.host));
    if (change.verb === 'verify' && change.address.kind === 'edge/proof') this.#unchecked = undefined;
    const breach = this.#lostOn(this.#guarded, after);
    // Visitors whom a working gate admits also get in if it does not work.
    if (this.#unchecked === undefined || this.expectation.verdict === 'allow') return breach;
    return this.#lostOn(this.#unchecked, withoutGates(after)) ?? breach;
  }

  #lostOn(course: Course, snapshot: PartStore): Breach | undefined {
    const { verdict } = this.expectation;
    const after = this.#answerIn(snapshot);
    const { start, now } = course;
    course.now = after;
    const parts = { after, goal: this.#goal, isShown: this.#isShown };
    return lostBy({ ...parts, before: start }, verdict) && lostBy({ ...parts, before: now }, verdict);
  }

  #courseFrom(start: PartStore): Course {
    const answer = this.#answerIn(start);
    return { start: answer, now: answer };
  }

  #answerIn(store: PartStore): DoorAnswer {
    return answerAt(store, this.expectation, this.#names);
  }
}

const ungated = new WeakMap<PartStore, PartStore>();

/** The same store with origins that ask no outpost. */
function withoutGates(store: PartStore): PartStore {
  const known = ungated.get(store);
  if (known !== undefined) return known;
  const origins = store.documentsAt([placeOf('origin', everyKey)]);
  const ungatedStore = store.with(
    origins.map(({ name, reason, values }) => ({
      ...{ name, reason },
      values: values.map(({ all }) => all.map(withoutGate)),
    })),
  );
  ungated.set(store, ungatedStore);
  return ungatedStore;
}

function withoutGate(part: Part): Part {
  return part.part === 'origin' && part.asks.who === 'outpost' ? { ...part, asks: { who: 'nobody' } } : part;
}
