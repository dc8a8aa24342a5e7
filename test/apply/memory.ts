import { applyPlan } from '../../src/apply/apply.ts';
import type { ReadyChange } from '../../src/core/change.ts';
import { RejectedError, UnreachableError } from '../../src/core/errors.ts';
import type { DesiredObject, Observation, Observed } from '../../src/core/objects/object.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { AnyReconciler } from '../../src/core/reconciler.ts';
import type { World } from '../../src/core/world.ts';
import { createWorld } from '../../src/observed/world.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { kinds, normal } from '../plan/support/fakes.ts';
import { memoryNotes } from '../support/memory.ts';

/** The fault at one write, counted from 0 over the whole apply. */
export type Fault = 'none' | 'reject' | 'lose-reply' | 'drop' | 'kill';

/** Ids are unique over all systems of a run, as those of a real API are. */
let madeSoFar = 0;

/** A live system in memory for the kinds of test/plan/support/fakes.ts: every write of one object can go wrong. */
export class MemorySystem {
  objects: Observed[];
  writes = 0;
  readonly #faultAt: (write: number) => Fault;
  readonly #afterWrite: (objects: readonly Observed[]) => void;
  #dead = false;

  constructor(
    objects: readonly Observed[],
    faultAt: (write: number) => Fault = () => 'none',
    afterWrite: (objects: readonly Observed[]) => void = () => {},
  ) {
    this.objects = [...objects];
    this.#faultAt = faultAt;
    this.#afterWrite = afterWrite;
  }

  reconcilers(): readonly AnyReconciler[] {
    return kinds.map(
      (kind): AnyReconciler => ({
        ...kind,
        observe: async () => {
          this.#alive();
          return this.objects.filter((object) => object.address.kind === kind.kind);
        },
        ...(kind.write !== undefined && {
          write: async (changes: readonly ReadyChange<unknown>[]) =>
            changes.map((change) => this.#write(change)),
        }),
      }),
    );
  }

  /** One run: observe, plan, apply. */
  async pass(
    wants: readonly DesiredObject[],
    signal = new AbortController().signal,
  ): Promise<readonly Outcome[]> {
    const world = testWorld(signal);
    const reconcilers = this.reconcilers();
    const observations = await Promise.all(
      reconcilers.map(async (reconciler): Promise<Observation> => {
        return { kind: reconciler.kind, state: 'known', objects: await world.read(reconciler) };
      }),
    );
    const desired = { scope: world.scope, objects: wants, proofs: [], refusals: [], warnings: [] };
    const plan = makePlan(desired, observations, reconcilers, { ...normal, allow: ['prune', 'change'] });
    return applyPlan(plan, reconcilers, world);
  }

  #write(change: ReadyChange<unknown>): Outcome {
    const { id, address } = change;
    try {
      this.#alive();
      const fault = this.#faultAt(this.writes);
      this.writes += 1;
      if (fault === 'reject') throw new RejectedError('no');
      if (fault === 'drop') throw new UnreachableError('dropped', { facts: { applied: 'no' } });
      const attributes = this.#carryOut(change);
      this.#afterWrite(this.objects);
      if (fault === 'kill') this.#dead = true;
      if (fault === 'lose-reply' || fault === 'kill')
        throw new UnreachableError('lost', { facts: { applied: 'maybe' } });
      return { change: id, address, status: 'done', attributes };
    } catch (error) {
      return { change: id, address, status: 'failed', error: error as Error };
    }
  }

  #carryOut(change: ReadyChange<unknown>): Readonly<Record<string, string>> {
    const { address, have } = change;
    if (change.verb === 'prune' || change.verb === 'replace') {
      this.objects = this.objects.filter((object) => object.id !== have?.id);
    }
    if (change.verb === 'prune') return {};
    if (change.verb === 'create' || change.verb === 'replace') {
      madeSoFar += 1;
      const made = `made-${madeSoFar}`;
      const attributes = { id: made };
      this.objects.push({ address, id: made, owner: 'home', spec: change.want, attributes, uses: [] });
      return attributes;
    }
    this.objects = this.objects.map((object) =>
      object.id === have?.id ? { ...object, owner: 'home', spec: change.want } : object,
    );
    return have?.attributes ?? {};
  }

  #alive(): void {
    if (this.#dead) throw new UnreachableError('the process is gone');
  }
}

/** A world with a clock that does not wait; its wires reach nothing. */
export function testWorld(signal: AbortSignal): World {
  const unreachable = async () => {
    throw new Error('these kinds have no wire');
  };
  const wire = {
    get: unreachable,
    list: unreachable,
    post: unreachable,
    put: unreachable,
    patch: unreachable,
    delete: unreachable,
  };
  return createWorld({
    scope: { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] },
    cloudflare: wire,
    vault: { get: unreachable, put: unreachable, remove: unreachable, list: unreachable },
    sinks: { holds: unreachable, write: unreachable },
    notes: memoryNotes(),
    clock: { now: () => new Date(0), sleep: async () => {} },
    signal,
  });
}
