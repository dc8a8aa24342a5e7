import { type Change, isUncovering } from '../core/change.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import { type DoorEffect, type DoorStep, isAtHost, stepRank } from '../core/objects/door.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';

/** The note about the last write of all runs: its time (RFC 3339). It may be on its way to the edge still. */
const noted = { topic: 'last-write', name: 'time' } as const;

/** Everything of a run that takes effect at the edge later than the API answers. */
export interface WaitsGround {
  readonly reconcilers: ReadonlyMap<string, AnyReconciler>;
  readonly world: World;
  readonly interlock: WriteInterlock | undefined;
}

/** The waits of one run until the edge applies what was written. */
export class EdgeWaits {
  readonly #ground: WaitsGround;
  /** Hosts that a cover or a route keeps from people before later steps touch their gates, each with the step that does so. */
  readonly #shut: readonly DoorEffect[];
  #settled: boolean;
  /** The run has waited for the edge since its last write, so that another wait shows nothing new. */
  #hasWaited = false;
  /** The moment at which the edge surely applies the writes of earlier runs, in epoch milliseconds. */
  #earlierArriveBy: Promise<number> | undefined;

  /** `pending`: the changes that the run carries out. */
  constructor(pending: readonly Change[], ground: WaitsGround) {
    this.#ground = ground;
    this.#shut = pending.flatMap((change): readonly DoorEffect[] => {
      if (isUncovering(change)) return change.doors.map(({ host }) => ({ host, step: 'close' }));
      const settles = ground.reconcilers.get(change.address.kind)?.moments?.settle !== undefined;
      return settles ? change.doors.filter(({ step }) => shutting.has(step)) : [];
    });
    this.#settled = !pending.some((change) => this.#needsSettling(change));
  }

  /**
   * Waits until the edge knows the writes that have to take effect before these changes.
   * @throws GatesError if it does not in time.
   */
  async before(group: readonly Change[]): Promise<void> {
    if (group.some((change) => this.#needsSettling(change))) await this.#settle();
    const effects = group.flatMap(({ verb, doors }) => (verb === 'verify' ? [] : doors));
    // These let somebody in, or hand somebody over.
    const next = effects.filter(({ step }) => admitting.has(step));
    // A host is closed only when the steps after that need not wait.
    if (next.length > 0 || group.some(({ interim }) => interim !== undefined)) await this.#earlierArrive();
    if (next.length === 0) return;
    const { reconcilers, world } = this.#ground;
    for (const reconciler of reconcilers.values()) await reconciler.moments?.arrive?.(world, next);
  }

  /** Notes that changes are about to be written. */
  async writes(reconciler: AnyReconciler): Promise<void> {
    this.#settled &&= reconciler.moments?.settle === undefined;
    this.#hasWaited = false;
    await this.#earlier();
    await this.wrote(reconciler);
  }

  /** Notes that changes have been written. The API shows the next run at once what the edge may not know yet. */
  async wrote({ kind }: AnyReconciler): Promise<void> {
    if (!kind.startsWith('cloudflare/')) return;
    const { clock, notes } = this.#ground.world;
    await notes.put(noted.topic, noted.name, clock.now().toISOString());
  }

  #earlier(): Promise<number> {
    const { notes, longestLag } = this.#ground.world;
    this.#earlierArriveBy ??= notes
      .text(noted.topic, noted.name)
      .then((text) => (Date.parse(text ?? '') || 0) + longestLag);
    return this.#earlierArriveBy;
  }

  async #earlierArrive(): Promise<void> {
    const { clock, signal } = this.#ground.world;
    const remaining = (await this.#earlier()) - clock.now().getTime();
    if (remaining > 0) await clock.sleep(remaining, signal);
  }

  /** Waits until the edge applies all that was written; false if it does already, or if the run is stopped. */
  async everythingArrives(): Promise<boolean> {
    const { clock, signal } = this.#ground.world;
    const arrivesBy = this.#ground.interlock?.arrivesBy();
    if (arrivesBy === undefined || this.#hasWaited) return false;
    this.#hasWaited = true;
    try {
      await clock.sleep(Math.max(0, arrivesBy.getTime() - clock.now().getTime()), signal);
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
    return true;
  }

  /**
   * True for a change that must wait until all earlier writes have taken effect: a removal, a check, a name
   * (otherwise it would lead to the previous target), and a gate whose host has to be closed before gates changes it.
   */
  #needsSettling({ doors, verb, interim }: Change): boolean {
    // A host that is open is closed only when later steps can wait for what closes it.
    if (interim !== undefined) return true;
    return doors.some(({ host, step }) => {
      if (settledBefore.has(step)) return true;
      if (step === 'publish') return verb !== 'prune';
      const isLater = (shut: DoorStep) => stepRank(shut) < stepRank(step);
      return touching.has(step) && this.#shut.some((shut) => isAtHost(host, shut.host) && isLater(shut.step));
    });
  }

  /** Waits until the earlier writes have taken effect, before something that they made superfluous is removed. */
  async #settle(): Promise<void> {
    if (this.#settled) return;
    const { reconcilers, world, interlock } = this.#ground;
    for (const reconciler of reconcilers.values()) await reconciler.moments?.settle?.(world);
    this.#settled = true;
    const settling = [...reconcilers.values()].filter(({ moments }) => moments?.settle !== undefined);
    interlock?.settled(settling.map(({ kind }) => kind));
  }
}

const settledBefore: ReadonlySet<DoorStep> = new Set([
  ...(['attest', 'vacate', 'prove', 'purge', 'unroute', 'unguard'] as const),
]);
const admitting: ReadonlySet<DoorStep> = new Set([
  ...(['divide', 'change', 'route', 'publish', 'unroute', 'unguard'] as const),
]);
const shutting: ReadonlySet<DoorStep> = new Set(['close', 'divide']);
const touching: ReadonlySet<DoorStep> = new Set(['guard', 'change']);
