import type { Change } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import type { DoorStep } from '../core/objects/door.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import type { PendingChanges } from './pending-changes.ts';
import { othersAt } from './reopening.ts';
import { nextGroup } from './turns.ts';

const checking: ReadonlySet<DoorStep> = new Set(['attest', 'prove']);

interface Surroundings {
  readonly pending: Pick<PendingChanges, 'all'>;
  readonly reconcilers: ReadonlyMap<string, AnyReconciler>;
  readonly world: World;
  readonly interlock: WriteInterlock | undefined;
}

/**
 * The reasons why hosts would be closed in vain, asked before anything is closed: nobody can check them now, the interlock would hold
 * back a later change at them, or all later changes at them wait for another host of which the same is true. Each host is asked about
 * once.
 */
export class ClosingObstacles {
  readonly #of: Surroundings;
  readonly #planned: ReadonlyMap<string, Change>;
  readonly #known = new Map<string, Promise<Error | undefined>>();
  readonly #own = new Map<string, Promise<Error | undefined>>();
  #foreseen: ReadonlyMap<string, Error> | undefined;

  /** `of.pending` has all changes of the plan. */
  constructor(of: Surroundings) {
    this.#of = of;
    this.#planned = new Map([...of.pending.all].map((change) => [change.id, change]));
  }

  /** `beside`: the changes that close hosts now, no longer among the pending ones. Undefined: nothing is in the way, or no host is closed. */
  async at(host: string | undefined, beside: readonly Change[]): Promise<Error | undefined> {
    if (host === undefined) return undefined;
    const known = this.#known.get(host) ?? this.#ask(host, beside);
    this.#known.set(host, known);
    return known;
  }

  async #ask(host: string, beside: readonly Change[]): Promise<Error | undefined> {
    return (await this.#ownOf(host, beside)) ?? (await this.#elsewhere(host, beside));
  }

  /** What is in the way at the host itself. */
  async #ownOf(host: string, beside: readonly Change[]): Promise<Error | undefined> {
    const known = this.#own.get(host) ?? this.#askOwn(host, beside);
    this.#own.set(host, known);
    return known;
  }

  /** What is in the way of everything for which the host is closed: at other hosts that close first, or what would be held back. */
  async #elsewhere(host: string, beside: readonly Change[]): Promise<Error | undefined> {
    const [first, ...others] = othersAt(host, this.#planned.values());
    const error = first && (await this.#before(first, host, beside));
    if (error === undefined) return undefined;
    for (const other of others) if ((await this.#before(other, host, beside)) === undefined) return undefined;
    return new UnsafeError(`${host} stays as it is, because its changes wait for others. ${error.message}`);
  }

  /** What is in the way of a change, or of one that it waits for, apart from the host itself. */
  async #before(change: Change, host: string, beside: readonly Change[]): Promise<Error | undefined> {
    const foreseen = this.#foreseenFrom(beside);
    for (const { id, interim = host } of this.#withNeeds(change)) {
      const error = foreseen.get(id) ?? (interim === host ? undefined : await this.#ownOf(interim, beside));
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** A change with all changes of the plan before which it is not made. */
  #withNeeds(change: Change): ReadonlySet<Change> {
    const found = new Set([change]);
    for (const { needs } of found) {
      for (const id of needs) {
        const needed = this.#planned.get(id);
        if (needed !== undefined) found.add(needed);
      }
    }
    return found;
  }

  async #askOwn(host: string, beside: readonly Change[]): Promise<Error | undefined> {
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
