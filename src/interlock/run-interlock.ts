import type { ReadyChange } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Part } from '../core/part.ts';
import { Interlock } from '../doors/interlock.ts';
import type { DoorRequest } from '../doors/ways.ts';
import type { LiveParts } from './live-parts.ts';
import { type RunGround, RunStates } from './run-states.ts';

export interface InterlockGround extends Omit<RunGround, 'checked' | 'uncheckedOrigins'> {
  /** Hosts that a person vouches for: their origins count as checked. */
  readonly unverified?: readonly string[];
}

/** Gates' own probe, which may be anywhere. */
const probe = { has: 'service-token', id: 'cloudflare/service-token:probe' } as const;

/** The interlock of one run: it follows what the run writes, and holds back what would let somebody new in. */
export class RunInterlock implements WriteInterlock {
  readonly #states: RunStates;
  readonly #interlock: Interlock;
  #live: LiveParts;

  constructor({ unverified = [], ...ground }: InterlockGround) {
    this.#states = new RunStates({ ...ground, checked: unverified });
    const { start, goal } = this.#states;
    this.#live = start;
    this.#interlock = new Interlock(this.#states.snapshot(start), this.#states.snapshot(goal), probe);
  }

  withheld(changes: readonly ReadyChange<unknown>[]): ReadonlyMap<string, Error> {
    const errors = new Map<string, Error>();
    const passed: Part[] = [];
    let reached = this.#live;
    for (const change of changes) {
      const step = this.#states.stepOf(this.#live, change);
      if (step === undefined) continue;
      const next = reached.with(step.after, { unsure: false });
      const [door] = this.#interlock.newcomersAt(
        this.#states.snapshot(reached),
        this.#states.snapshot(next),
        step.changed,
      );
      if (door !== undefined) {
        errors.set(change.id, new UnsafeError(wouldOpen(door)));
        continue;
      }
      reached = next;
      passed.push(...step.changed);
      this.#interlock.moved(step.changed);
    }
    // Nothing of that is written yet.
    this.#interlock.moved(passed);
    return errors;
  }

  wrote(change: ReadyChange<unknown>, { status, attributes }: Outcome): void {
    if (attributes !== undefined) this.#states.learn(change, attributes);
    const { kind, key } = change.address;
    if (kind === 'edge/proof' && change.verb === 'verify' && status === 'done') this.#learnOrigin(key);
    const step = this.#states.stepOf(this.#live, change);
    if (step === undefined || status === 'skipped') return;
    this.#live = this.#live.with(step.after, { unsure: true });
    this.#interlock.moved(step.changed);
  }

  settled(): void {
    this.#live = this.#live.settled();
    this.#interlock.forget();
  }

  #learnOrigin(host: string): void {
    const { state, changed } = this.#states.withOrigin(this.#live, host);
    this.#live = state;
    this.#interlock.moved(changed);
  }
}

function wouldOpen({ host, path }: DoorRequest): string {
  return `Bug in gates: this write would let somebody in at ${host}${path} whom neither the file nor the state before it admits. gates has not sent it. Please report it`;
}
