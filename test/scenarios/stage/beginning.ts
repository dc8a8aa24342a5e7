import type { Plan } from '../../../src/core/change.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import type { InterlockGround } from '../../../src/interlock/run-interlock.ts';
import type { Memory } from '../../../src/observed/world.ts';
import type { Trouble } from './trouble.ts';

/** What a process knows when it begins to write. */
export interface Begun {
  readonly plan: Plan;
  readonly scope: Scope;
  /** What it has read. */
  readonly memory: Memory;
  /** The ground of its interlock; undefined: it has none. */
  readonly ground?: InterlockGround;
}

/**
 * How processes begin that start from one world and one disk with one file. They all read the same and plan the same
 * until something befalls them: the first of them does, and those whom something befalls at a write go on from there.
 */
export class Beginning {
  #begun: Begun | undefined;

  /** What the first has found out, for a process that nothing befalls before. */
  before(trouble: Trouble | undefined): Begun | undefined {
    return trouble !== undefined && 'write' in trouble ? this.#begun : undefined;
  }

  /** The same, with another plan. */
  with(change: (plan: Plan) => Plan): Beginning {
    const made = new Beginning();
    if (this.#begun !== undefined) made.#begun = { ...this.#begun, plan: change(this.#begun.plan) };
    return made;
  }

  /** Of the first, which nothing befalls. Nobody may change what others go on from. */
  learn({ plan, scope, memory }: Begun): void {
    if (this.#begun !== undefined) return;
    const read = [...memory].map(([kind, reading]) => [kind, reading.then((all) => frozen(all))] as const);
    this.#begun = { plan: frozen(plan), scope: frozen(scope), memory: new Map(read) };
  }

  /** The same of its interlock, which is made after the plan. */
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
