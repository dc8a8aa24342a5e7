import type { Change } from '../core/change.ts';
import { nextGroup } from './turns.ts';

/** A change that the interlock holds back, with the error of its last try. */
export interface HeldChange {
  readonly change: Change;
  readonly error: Error;
}

/** A removal or a check never goes first. */
const advancing: ReadonlySet<Change['verb']> = new Set(['create', 'adopt', 'update', 'replace']);

/**
 * The changes of a run that are still to be made. One that is held back is tried again once everything else that could be
 * made is made, and given up if nothing was made since its last try.
 */
export class PendingChanges {
  readonly #changes: Map<string, Change>;
  readonly #held = new Map<string, HeldChange>();
  #hasMoved = false;

  constructor(changes: readonly Change[]) {
    this.#changes = new Map(changes.map((change) => [change.id, change]));
  }

  get all(): Iterable<Change> {
    return this.#changes.values();
  }

  get isHoldingBack(): boolean {
    return this.#held.size > 0;
  }

  /** The changes to write next; empty: none is left, or all that are left are held back, or wait for one that is. */
  next(): readonly Change[] {
    const group = nextGroup(this.#changes, this.#held);
    if (group.length > 0 || !this.#hasMoved) return group;
    this.#held.clear();
    this.#hasMoved = false;
    return nextGroup(this.#changes);
  }

  /**
   * Lets a change go before those that are held back, if only the order of their steps at a host makes it wait for them: where no
   * planned order is safe, another one may be, and the interlock judges each write. False if there is none.
   */
  advance(): boolean {
    const isFree = (change: Change) =>
      advancing.has(change.verb) &&
      !this.#held.has(change.id) &&
      change.needs.every(
        (need, index) =>
          !this.#changes.has(need) || (this.#held.has(need) && change.needReasons?.[index] === 'door'),
      );
    const change = [...this.#changes.values()].find(isFree);
    if (change === undefined) return false;
    this.#changes.set(change.id, { ...change, needs: [] });
    return true;
  }

  take(id: string): void {
    this.#changes.delete(id);
  }

  putOff(held: HeldChange): void {
    const { change } = held;
    this.#changes.set(change.id, change);
    this.#held.set(change.id, held);
  }

  /** Notes that a change was written, or has reached the edge: what was held back may be possible now. */
  moved(): void {
    this.#hasMoved = true;
  }

  /** Takes what is held back out of the changes for good. */
  giveUp(): readonly HeldChange[] {
    const held = [...this.#held.values()];
    for (const { change } of held) this.take(change.id);
    this.#held.clear();
    return held;
  }
}
