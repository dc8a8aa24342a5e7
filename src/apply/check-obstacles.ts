import type { DoorStep } from '../core/objects/door.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import type { PendingChanges } from './pending-changes.ts';

const checking: ReadonlySet<DoorStep> = new Set(['attest', 'prove']);

/** The reasons why nobody can check hosts now that would be closed for a check. Each host is asked about once. */
export class CheckObstacles {
  readonly #pending: Pick<PendingChanges, 'all'>;
  readonly #reconcilers: ReadonlyMap<string, AnyReconciler>;
  readonly #world: World;
  readonly #known = new Map<string, Promise<Error | undefined>>();

  constructor(
    pending: Pick<PendingChanges, 'all'>,
    reconcilers: ReadonlyMap<string, AnyReconciler>,
    world: World,
  ) {
    this.#pending = pending;
    this.#reconcilers = reconcilers;
    this.#world = world;
  }

  /** Undefined if somebody can check the host, or if no host would be closed. Asked before anything is closed. */
  async at(host: string | undefined): Promise<Error | undefined> {
    if (host === undefined) return undefined;
    const known = this.#known.get(host) ?? this.#ask(host);
    this.#known.set(host, known);
    return known;
  }

  async #ask(host: string): Promise<Error | undefined> {
    for (const change of this.#pending.all) {
      const checks = change.doors.some((effect) => checking.has(effect.step) && effect.host === host);
      const reconciler = checks ? this.#reconcilers.get(change.address.kind) : undefined;
      const obstacle = await reconciler?.moments?.blind?.(change, this.#world).catch((error: Error) => error);
      if (obstacle !== undefined) return obstacle;
    }
    return undefined;
  }
}
