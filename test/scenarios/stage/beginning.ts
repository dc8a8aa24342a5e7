import type { Plan } from '../../../src/core/change.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import type { InterlockGround } from '../../../src/interlock/run-ends.ts';
import type { Memory } from '../../../src/observed/world.ts';
import type { Trouble } from './trouble.ts';

/** The knowledge of a process when it begins to write. */
export interface Begun {
  readonly plan: Plan;
  readonly scope: Scope;
  /** The values that it has read. */
  readonly memory: Memory;
  /** The input of its interlock; undefined without one. */
  readonly ground?: InterlockGround;
}

/**
 * The common beginning of processes that start from one world and one disk with one file. They read and plan the same
 * until a trouble happens: the first process does this work, and a process whose trouble is at a write continues from
 * there.
 */
export class Beginning {
  #begun: Begun | undefined;

  /** The beginning for a process without an earlier trouble. */
  before(trouble: Trouble | undefined): Begun | undefined {
    return trouble !== undefined && 'write' in trouble ? this.#begun : undefined;
  }

  /** A copy with another plan. */
  with(change: (plan: Plan) => Plan): Beginning {
    const made = new Beginning();
    if (this.#begun !== undefined) made.#begun = { ...this.#begun, plan: change(this.#begun.plan) };
    return made;
  }

  /** Stores the first process's knowledge. Nobody may change it, since others continue from it. */
  learn({ plan, scope, memory }: Begun): void {
    if (this.#begun !== undefined) return;
    const read = [...memory].map(([kind, reading]) => [kind, reading.then((all) => frozen(all))] as const);
    this.#begun = { plan: frozen(plan), scope: frozen(scope), memory: new Map(read) };
  }

  /** Stores the input of its interlock, which is created after the plan. */
  learnGround(ground: InterlockGround): void {
    if (this.#begun !== undefined && this.#begun.ground === undefined)
      this.#begun = { ...this.#begun, ground };
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) frozen(inner);
  return value;
}
