import { type Change, isCarriedOut, type Plan, type ReadyChange } from '../core/change.ts';
import { asError, GatesError, UnsafeError } from '../core/errors.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import { resolve } from '../core/objects/reference.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import { ClosingObstacles } from './closing-obstacles.ts';
import { EdgeWaits } from './edge-waits.ts';
import { failure, skip } from './not-done.ts';
import { PendingChanges } from './pending-changes.ts';
import { readyChange } from './ready-change.ts';
import { hostsClosedForNow, isUntouched, sentAt, undoing } from './reopening.ts';
import { writeConfirmed } from './write.ts';

/**
 * Carries a plan out, in its order, through reconcilers only. A change whose need failed, was skipped or was
 * refused is skipped; everything else goes on. When the world's signal is aborted the step under way is
 * finished and the rest is skipped. One outcome for every change that is not a keep.
 */
export async function applyPlan(
  plan: Plan,
  reconcilers: readonly AnyReconciler[],
  world: World,
  onEvent?: (event: ProgressEvent) => void,
  interlock?: WriteInterlock,
): Promise<readonly Outcome[]> {
  const run = new Run(plan, reconcilers, world, onEvent, interlock);
  for (let group = await run.next(); group.length > 0; group = await run.next()) await run.carryOut(group);
  await run.end();
  return run.outcomes();
}

/**
 * Carries out the checks that come before any write. The outcomes where that is all there is to do: the interlock holds back what
 * is left, or that waits for a check that failed. Undefined as soon as something is to be written.
 */
export async function applyChecks(
  ...[plan, reconcilers, world, onEvent, interlock]: Parameters<typeof applyPlan>
): Promise<readonly Outcome[] | undefined> {
  const run = new Run(plan, reconcilers, world, onEvent, interlock, 'check');
  for (let group = await run.next(); group.length > 0; group = await run.next()) {
    await run.carryOut(group);
    if (run.isBeforeWrite) return undefined;
  }
  await run.end();
  return run.outcomes();
}

class Run {
  readonly #changes: ReadonlyMap<string, Change>;
  readonly #pending: PendingChanges;
  readonly #reconcilers: ReadonlyMap<string, AnyReconciler>;
  readonly #world: World;
  readonly #onEvent: (event: ProgressEvent) => void;
  readonly #results = new Map<string, Outcome>();
  readonly #attributes: Map<AddressId, Readonly<Record<string, string>>>;
  readonly #interlock: WriteInterlock | undefined;
  readonly #started = new Set<string>();
  /** Changes that were handed to their reconcilers. */
  readonly #sent = new Set<string>();
  readonly #obstacles: ClosingObstacles;
  readonly #waits: EdgeWaits;
  readonly #extent: 'check' | 'write';
  #isBeforeWrite = false;

  /** `extent`: a run that only checks goes as far as its first write, which it does not send. */
  constructor(
    plan: Plan,
    reconcilers: readonly AnyReconciler[],
    world: World,
    onEvent: (event: ProgressEvent) => void = () => {},
    interlock?: WriteInterlock,
    extent: 'check' | 'write' = 'write',
  ) {
    this.#interlock = interlock;
    this.#extent = extent;
    this.#changes = new Map(plan.changes.map((change) => [change.id, change]));
    const pending = plan.changes.filter(isCarriedOut);
    this.#pending = new PendingChanges(pending);
    this.#reconcilers = new Map(reconcilers.map((reconciler) => [reconciler.kind, reconciler]));
    this.#world = world;
    this.#onEvent = onEvent;
    this.#attributes = new Map(Object.entries(plan.attributes) as [AddressId, Record<string, string>][]);
    const around = { reconcilers: this.#reconcilers, world, interlock };
    this.#waits = new EdgeWaits(pending, around);
    this.#obstacles = new ClosingObstacles({ ...around, pending: this.#pending });
  }

  get isBeforeWrite(): boolean {
    return this.#isBeforeWrite;
  }

  /**
   * The changes to write next. Changes that need a failed one are skipped before. Changes that are held back are tried once more when the
   * edge applies all that was written, and after each change that may go before them; then they have failed.
   */
  async next(): Promise<readonly Change[]> {
    this.#skipWhatWaitsInVain();
    const group = this.#pending.next();
    if (group.length > 0) return group;
    if (this.#pending.isHoldingBack && (await this.#waits.everythingArrives())) {
      this.#pending.moved();
      return this.#pending.next();
    }
    if (this.#pending.advance()) return this.#pending.next();
    const held = this.#pending.giveUp();
    for (const { change, error } of held) this.#finish(failure(change, error));
    return held.length > 0 ? this.next() : [];
  }

  async carryOut(group: readonly Change[]): Promise<void> {
    for (const change of group) {
      this.#pending.take(change.id);
      if (!this.#started.has(change.id)) this.#onEvent({ type: 'started', change });
      this.#started.add(change.id);
    }
    for (const outcome of await this.#write(group)) this.#finish(outcome);
  }

  /**
   * Reopens hosts that were closed for changes which then failed, and lets each kind record the waits that do not end in this run;
   * the next run begins with them.
   */
  async end(): Promise<void> {
    try {
      for (const host of hostsClosedForNow(this.#changes.values())) await this.#reopen(host);
      for (const reconciler of this.#reconcilers.values()) await reconciler.moments?.arrive?.(this.#world);
    } catch (error) {
      if (!(error instanceof GatesError) && !this.#world.signal.aborted) throw error;
    }
  }

  /** In the order of the plan, whatever the order they came in. */
  outcomes(): readonly Outcome[] {
    return [...this.#changes.keys()].flatMap((id) => this.#results.get(id) ?? []);
  }

  async #write(group: readonly Change[]): Promise<readonly Outcome[]> {
    const reconciler = this.#reconcilers.get(group[0]?.address.kind ?? '');
    if (reconciler === undefined)
      return group.map((change) => failure(change, new UnsafeError('No reconciler knows this kind')));
    try {
      await this.#waits.before(group);
    } catch (error) {
      return group.map((change) => failure(change, asError(error)));
    }
    const ready = await Promise.all(
      group.map(async (change) => {
        const obstacle = await this.#obstacles.at(change.interim, group);
        const given = { attributes: this.#attributes, world: this.#world };
        if (obstacle === undefined) return readyChange(change, reconciler, given);
        const reason = this.#world.signal.aborted ? stoppedBefore : undefined;
        return { outcome: reason === undefined ? failure(change, obstacle) : skip(change, reason) };
      }),
    );
    const changes = ready.flatMap((item) => ('ready' in item ? [item.ready] : []));
    const unready = ready.flatMap((item) => ('outcome' in item ? [item.outcome] : []));
    return [...unready, ...(await this.#writeAllowed(changes, reconciler))];
  }

  /** Writes what the interlock does not hold back, and postpones the rest. */
  async #writeAllowed(
    changes: readonly ReadyChange<unknown>[],
    reconciler: AnyReconciler,
  ): Promise<readonly Outcome[]> {
    const withheld = (await this.#interlock?.withheld(changes)) ?? new Map<string, Error>();
    const held = changes.flatMap((change) => {
      const error = withheld.get(change.id);
      return error === undefined || this.#postpones(change.id, error) ? [] : [failure(change, error)];
    });
    const allowed = changes.filter(({ id }) => !withheld.has(id));
    if (allowed.length === 0) return held;
    this.#isBeforeWrite = this.#extent === 'check' && allowed.some(({ verb }) => verb !== 'verify');
    if (this.#isBeforeWrite) return held;
    try {
      await this.#waits.writes(reconciler);
    } catch (error) {
      return [...held, ...allowed.map((change) => failure(change, asError(error)))];
    }
    this.#pending.moved();
    for (const { id } of allowed) this.#sent.add(id);
    const outcomes = await writeConfirmed(allowed, reconciler, this.#world);
    // If this fails, the note of before the write stands.
    await this.#waits.wrote(reconciler).catch(() => {});
    const byChange = new Map(outcomes.map((outcome) => [outcome.change, outcome]));
    this.#interlock?.wrote(
      allowed.flatMap((change) => {
        const outcome = byChange.get(change.id);
        return outcome === undefined ? [] : [{ change, outcome }];
      }),
    );
    return [...held, ...outcomes];
  }

  /** Puts a change of the plan off; false for one that is not in the plan, as an undo. */
  #postpones(id: string, error: Error): boolean {
    const change = this.#changes.get(id);
    if (change === undefined) return false;
    this.#pending.putOff({ change, error });
    return true;
  }

  /**
   * Undoes what closed a host for changes that then failed, if the host is otherwise as it was: none of its other changes was made,
   * and each object that one of them was about is looked at again. Neither the way nor the gate has changed, so nothing has
   * to be waited for: whatever has arrived of a closing and of its end, nobody gets in who did not before.
   */
  async #reopen(host: string): Promise<void> {
    const { closings, others } = sentAt(host, this.#changes.values(), this.#sent);
    if (closings.length === 0 || this.#world.signal.aborted) return;
    if (others.some(({ id, verb }) => verb === 'verify' || this.#results.get(id)?.status !== 'failed'))
      return;
    this.#world.forget();
    try {
      for (const change of others) if (!isUntouched(change, await this.#live(change))) return;
    } catch (error) {
      // Nobody can say what has become of them: the host stays closed.
      if (!(error instanceof GatesError)) throw error;
      return;
    }
    this.#interlock?.unmade(others);
    for (const closing of closings) {
      const outcome = await this.#undo(closing, host);
      // A closing that failed says why itself.
      if (this.#results.get(closing.id)?.status === 'done') this.#results.set(closing.id, outcome);
      if (outcome.status === 'failed') return;
    }
  }

  async #undo(closing: Change, host: string): Promise<Outcome> {
    const reconciler = this.#reconcilers.get(closing.address.kind) as AnyReconciler;
    const want = resolve(closing.want, (target) => this.#attributes.get(target));
    const reason = `gates has undone this, because a later step failed: ${host} is open as before`;
    try {
      const owner = this.#world.scope.owner;
      const undo = undoing({ ...closing, want }, await this.#live(closing), { reconciler, owner });
      const [outcome] = undo === undefined ? [] : await this.#writeAllowed([undo], reconciler);
      if (outcome?.error !== undefined) return failure(closing, outcome.error);
      return skip(closing, reason);
    } catch (error) {
      return failure(closing, asError(error));
    }
  }

  async #live({ address: { kind } }: Change): Promise<readonly Observed[]> {
    const reconciler = this.#reconcilers.get(kind);
    return reconciler === undefined ? [] : this.#world.read(reconciler);
  }

  #finish(outcome: Outcome): void {
    const change = this.#changes.get(outcome.change);
    if (change === undefined) return;
    this.#results.set(change.id, outcome);
    if (outcome.attributes !== undefined)
      this.#attributes.set(addressId(outcome.address), outcome.attributes);
    this.#onEvent({ type: 'finished', change, outcome });
  }

  /** One loop is enough: a plan lists what is needed before what needs it. */
  #skipWhatWaitsInVain(): void {
    for (const change of this.#pending.all) {
      const reason = this.#whyNot(change);
      if (reason === undefined) continue;
      this.#pending.take(change.id);
      this.#finish(skip(change, reason));
    }
  }

  #whyNot(change: Change): string | undefined {
    if (change.verb === 'refuse') return change.reason ?? 'refused';
    if (this.#world.signal.aborted) return stoppedBefore;
    const blocking = change.needs.find((need) => {
      const status = this.#results.get(need)?.status;
      return status === 'failed' || status === 'skipped';
    });
    const step = this.#changes.get(blocking ?? '');
    return step === undefined ? undefined : `waits for: ${step.verb} ${addressId(step.address)}`;
  }
}

const stoppedBefore = 'the run was stopped before it';
