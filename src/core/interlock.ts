import type { Change, ReadyChange } from './change.ts';
import type { Kind } from './objects/address.ts';
import type { Outcome } from './outcome.ts';

export interface WrittenChange {
  readonly change: ReadyChange<unknown>;
  readonly outcome: Outcome;
}

/** Asked before each write of a run: the last barrier between a mistake of the planner and an open door. */
export interface WriteInterlock {
  /** The changes that must not be written now, each with the error that says where somebody new would get in. */
  withheld(changes: readonly ReadyChange<unknown>[]): Promise<ReadonlyMap<string, Error>>;
  /**
   * The changes, of those that follow, group by group, that could not be made then, because something of ours that left the file stays
   * (`reconcile.prune`), each with the error. Empty if nothing stays.
   */
  foreseen(groups: readonly (readonly Change[])[]): ReadonlyMap<string, Error>;
  /** Reports the outcomes of writes. */
  wrote(written: readonly WrittenChange[]): void;
  /** Reports changes whose writes failed, and that a fresh read found not made. */
  unmade(changes: readonly Change[]): void;
  /** Reports that everything of these kinds that was written so far has taken effect. */
  settled(kinds: readonly Kind[]): void;
  /** The time at which the edge surely applies all that was written so far; undefined: it does now. */
  arrivesBy(): Date | undefined;
}
