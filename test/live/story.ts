import type { AnyReconciler } from '../../src/core/reconciler.ts';
import type { Stage } from './stage.ts';

/** One thing that has to hold at every server: a line of the report. */
export interface Story {
  /** The kind, or what else it is about. */
  readonly about: string;
  readonly name: string;
  /** The kinds that its passes read and write, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** Begins at a server where nothing of the suite is; rejects when it does not hold. May leave things behind. */
  readonly act: (stage: Stage) => Promise<void>;
}
