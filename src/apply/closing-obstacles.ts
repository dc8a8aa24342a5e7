import type { Change } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import type { DoorStep } from '../core/objects/door.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import type { PendingChanges } from './pending-changes.ts';
import { nextGroup } from './turns.ts';

const checking: ReadonlySet<DoorStep> = new Set(['attest', 'prove']);

interface Surroundings {
  readonly pending: Pick<PendingChanges, 'all'>;
  readonly reconcilers: ReadonlyMap<string, AnyReconciler>;
  readonly world: World;
  readonly interlock: WriteInterlock | undefined;
}

/**
 * The reasons why hosts would be closed in vain, asked before anything is closed: nobody can check them now, or the interlock would hold
 * back a later change at them. Each host is asked about once.
 */
export class ClosingObstacles {
  readonly #of: Surroundings;
  readonly #known = new Map<string, Promise<Error | undefined>>();
  #foreseen: ReadonlyMap<string, Error> | undefined;

  constructor(of: Surroundings) {
    this.#of = of;
  }

  /** `beside`: the changes that close hosts now, no longer among the pending ones. Undefined: nothing is in the way, or no host is closed. */
  async at(host: string | undefined, beside: readonly Change[]): Promise<Error | undefined> {
    if (host === undefined) return undefined;
    const known = this.#known.get(host) ?? this.#ask(host, beside);
    this.#known.set(host, known);
    return known;
  }

  async #ask(host: string, beside: readonly Change[]): Promise<Error | undefined> {
    const { pending, reconcilers, world } = this.#of;
    const here = [...pending.all].filter(({ doors }) => doors.some((effect) => effect.host === host));
    for (const change of here) {
      const checks = change.doors.some((effect) => checking.has(effect.step) && effect.host === host);
      const reconciler = checks ? reconcilers.get(change.address.kind) : undefined;
      const obstacle = await reconciler?.moments?.blind?.(change, world).catch((error: Error) => error);
      if (obstacle !== undefined) return obstacle;
    }
    const foreseen = this.#foreseenFrom(beside);
    const held = here.find(({ id }) => foreseen.has(id));
    if (held === undefined) return undefined;
    const reason = foreseen.get(held.id)?.message ?? '';
    return new UnsafeError(
      `${host} stays as it is, because a later step would be held back (${held.id}). ${reason}`,
    );
  }

  #foreseenFrom(beside: readonly Change[]): ReadonlyMap<string, Error> {
    this.#foreseen ??= this.#of.interlock?.foreseen([beside, ...groupsOf(this.#of.pending.all)]) ?? new Map();
    return this.#foreseen;
  }
}

/** Changes in the order in which they are written if nothing fails. */
function* groupsOf(changes: Iterable<Change>): Generator<readonly Change[]> {
  const pending = new Map([...changes].map((change) => [change.id, change]));
  for (let group = nextGroup(pending); group.length > 0; group = nextGroup(pending)) {
    for (const { id } of group) pending.delete(id);
    yield group;
  }
}
