import type { Plan } from './change.ts';
import type { RejectedError } from './errors.ts';
import type { World } from './world.ts';

/** The turns that one run holds. */
export interface TakenTurns {
  readonly documents: ReadonlySet<string>;
  /** Documents whose turns this run may not take, each with the refusal of the API: it writes them without a turn. */
  readonly refused: ReadonlyMap<string, RejectedError>;
  /** The world to write in: each write and each wait keeps the turns, and fails once they are lost. */
  readonly world: World;
  /** Never rejects: turns that cannot be released now are released by the next run of this state folder. */
  release(): Promise<void>;
}

/** Takes turns among all runs of gates that write the same documents, whoever owns and wherever they run. */
export interface TurnTaker {
  /** The documents whose turns a run of this plan needs; none if it writes nothing. */
  documents(plan: Plan, world: World): Promise<readonly string[]>;
  /** Takes the turns of all of them that it may take, or of none. Never waits for another run. */
  take(documents: readonly string[], world: World): Promise<TakenTurns | { readonly waitsFor: string }>;
  /** Releases what an earlier run of this state folder left behind. Never rejects. Without leftovers, makes no call. */
  sweep(world: World): Promise<void>;
}
