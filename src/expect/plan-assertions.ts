import { stepsOf } from '../apply/turns.ts';
import type { DoorExpectation } from '../config/config.ts';
import { addressId, type Kind } from '../core/address.ts';
import { type Change, isCover, type Plan } from '../core/change.ts';
import { isAtHost } from '../core/door.ts';
import type { Desired, Observation } from '../core/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { placesOf } from '../doors/snapshot.ts';
import type { Snapshot } from '../doors/ways.ts';
import { checkedHosts } from '../interlock/file-origins.ts';
import type { LiveParts } from '../interlock/live-parts.ts';
import { RunStates } from '../interlock/run-states.ts';
import { assertionText, breachText } from './assertion-text.ts';
import { answerAt, type DoorAnswer } from './door-answer.ts';
import { type Breach, lostBy } from './judgment.ts';

/** The run whose plan is held against the assertions of its file. */
export interface AssertedRun {
  readonly expectations: readonly DoorExpectation[];
  /** The name of gates.yaml in messages. */
  readonly file: string;
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
  readonly prune: boolean;
  /** Hosts that a person vouches for: their gates count as checked. */
  readonly unverified: readonly string[];
  readonly now: Date;
}

/**
 * The plan without the steps after which an assertion holds less than before them: they are refused, and what needs them
 * waits. Without assertions, the plan itself.
 */
export function withAssertions(plan: Plan, run: AssertedRun): Plan {
  if (run.expectations.length === 0) return plan;
  const { desired, observed, reconcilers, prune, unverified, now } = run;
  const checked = [...unverified, ...checkedHosts(desired, plan.changes)];
  const states = new RunStates({ desired, observed, reconcilers, prune, checked, now });
  let safe = plan;
  for (;;) {
    const loss = firstLoss(safe, states, run);
    if (loss === undefined) return safe;
    const { change } = loss;
    const reason = reasonOf(loss, run.file);
    const changes = safe.changes.map(
      (each): Change => (each.id === change.id ? { ...each, verb: 'refuse', reason } : each),
    );
    safe = { ...safe, changes };
  }
}

/** A step of a plan after which an assertion holds less. */
interface Loss {
  readonly expectation: DoorExpectation;
  readonly breach: Breach;
  readonly change: Change;
  /** From 1, as the plan counts its steps. */
  readonly step: number;
}

function firstLoss(plan: Plan, states: RunStates, { expectations }: AssertedRun): Loss | undefined {
  const start = states.snapshot(states.start);
  const goal = states.snapshot(states.goal);
  const doors = expectations.map((expectation) => new WatchedDoor(expectation, { start, goal }));
  let state = states.start;
  for (const [index, change] of stepsOf(plan).entries()) {
    const after = states.after(state, change);
    const touched = doors.filter((door) => door.isTouchedBy(change, [state, after]));
    state = after;
    const snapshot = states.snapshot(state);
    for (const door of touched) {
      const breach = door.take(change, snapshot);
      // A check writes nothing: what it finds is no fault of the plan.
      if (breach !== undefined && change.verb !== 'verify')
        return { expectation: door.expectation, breach, change, step: index + 1 };
    }
  }
  return undefined;
}

/** The door of an assertion over the steps of a plan. */
class WatchedDoor {
  readonly expectation: DoorExpectation;
  readonly #start: DoorAnswer;
  readonly #goal: DoorAnswer;
  #now: DoorAnswer;
  #isShown = false;

  constructor(expectation: DoorExpectation, { start, goal }: Readonly<Record<'start' | 'goal', Snapshot>>) {
    this.expectation = expectation;
    this.#start = answerAt(start, expectation);
    this.#goal = answerAt(goal, expectation);
    this.#now = this.#start;
  }

  /** Whether the answer of the door may depend on what a step changes. */
  isTouchedBy({ address, have, verb }: Change, states: readonly LiveParts[]): boolean {
    if (verb === 'verify') return address.key === this.expectation.host;
    const parts = states.flatMap((state) => state.find(addressId(address), have)?.parts ?? []);
    return parts.flatMap(placesOf).some((place) => this.#now.places.has(place));
  }

  /** What a step takes from the assertion, both since the start and since the step before. */
  take(change: Change, snapshot: Snapshot): Breach | undefined {
    const { verdict, host } = this.expectation;
    const shuts = isCover(change) || change.doors.some(({ step }) => step === 'close');
    this.#isShown ||= shuts && change.doors.some((effect) => isAtHost(effect.host, host));
    const after = answerAt(snapshot, this.expectation);
    const before = this.#now;
    this.#now = after;
    const parts = { after, goal: this.#goal, isShown: this.#isShown };
    const sinceStart = lostBy({ ...parts, before: this.#start }, verdict);
    return sinceStart && lostBy({ ...parts, before }, verdict);
  }
}

/** Names the line, the layer and the step. */
function reasonOf({ expectation, breach, change, step }: Loss, file: string): string {
  const { verb, address } = change;
  const { line, key, verdict } = expectation;
  return `${file}:${line} (${key}) asserts ${assertionText(expectation)}, but after step ${step} of the plan, ${verb} ${address.kind} ${address.key}, ${breachText(breach, verdict)} (layer: ${layerOf(address.kind)}). Correct the assertion, or what the step meets there`;
}

/** The layer of a request's way that objects of a kind belong to, in the words of `gates why`. */
function layerOf(kind: Kind): string {
  if (kind.startsWith('authentik/')) return 'Authentik';
  return layers.find(([pattern]) => pattern.test(kind))?.[1] ?? kind;
}

const layers: readonly (readonly [RegExp, string])[] = [
  [/dns-record|zone/, 'name'],
  [/waf|api-|token-rule|token-configuration/, 'edge rules'],
  [/access-|service-token|organization/, 'Access'],
  [/cache/, 'cache'],
  [/tunnel|ingress/, 'tunnel rule'],
];
