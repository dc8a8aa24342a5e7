import type { DesiredObject, Observed } from '../../core/objects/object.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Names } from './names.ts';
import type { Stage } from './stage.ts';

/** One kind that is written, with everything that the stories of every kind need. */
export interface WrittenKind {
  /** Its kind, or its sort if there are several, as in ids of stories: `group`. */
  readonly about: string;
  readonly reconciler: AnyReconciler;
  /** Every kind that a run needs for it, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** The objects that the file asks for; the story concerns the one object of the kind that is not looked up. */
  desired(names: Names): readonly DesiredObject[];
  /** Makes the objects that another person has made before, on which the object depends. */
  readonly before?: (stage: Stage) => Promise<void>;
  /** Another person's object of the kind. */
  beside(stage: Stage): Promise<unknown>;
  /** The ways in which another person changes each compared field, on this release. */
  drifts(release: string): readonly Drift[];
  /** Another person's object in the place of the one that the file asks for; absent if owners have name spaces. */
  readonly twin?: (stage: Stage) => Promise<unknown>;
  /** It is repaired by another object in its place, so its id changes. */
  readonly exchanged?: true;
  /** Another person's way to remove it; absent if an existing one can never be removed. */
  readonly remove?: (have: Observed, stage: Stage) => Promise<unknown>;
  /**
   * `marker`: it has a mark, and another owner is refused · `space`: it has a mark, and another owner makes its own
   * next to it · `derived`: its owner is that of the object that it is about · `none`.
   */
  readonly owned: 'marker' | 'space' | 'derived' | 'none';
}

export interface Drift {
  readonly field: string;
  /** Further fields that differ because of it. */
  readonly besides?: readonly string[];
  readonly edit: (have: Observed, stage: Stage) => Promise<unknown>;
}

/** Fields that a person changes with one PATCH. */
export function patched(
  path: (have: Observed) => string,
  changes: readonly (readonly [field: string, body: object])[],
): readonly Drift[] {
  return changes.map(([field, body]) => ({
    field,
    edit: (have, { person }) => person.patch(path(have), body),
  }));
}

/** The kinds of a run, whatever their specs are. */
export const all = (...reconcilers: readonly unknown[]) => reconcilers as readonly AnyReconciler[];

export const one = (reconciler: unknown) => reconciler as AnyReconciler;
