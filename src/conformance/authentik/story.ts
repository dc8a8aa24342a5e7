import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Belief } from '../belief.ts';
import type { Stage } from './stage.ts';

/** One belief about Authentik, shown by complete runs at a server: a line of the report. */
export interface Story extends Belief {
  readonly id: `authentik/${string}`;
  /** The kinds that its runs read and write, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** Begins at a server without objects of the run. Rejects if the belief does not hold. May leave objects behind. */
  readonly act: (stage: Stage) => Promise<void>;
}

/** Thrown if this server cannot be made to show whether the belief holds; the message says why. */
export class Unshown extends Error {}
