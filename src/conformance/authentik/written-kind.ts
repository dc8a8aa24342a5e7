import type { DesiredObject, Observed } from '../../core/objects/object.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Names } from './names.ts';
import type { Stage } from './stage.ts';

/** One kind that is written, and what the stories of every kind have to know of it. */
export interface WrittenKind {
  /** Its kind, or what sort of it where there are several, as ids of stories begin: `group`. */
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
  /** How another person changes each field that is compared, on this release. */
  drifts(release: string): readonly Drift[];
  /** Another person's object in the place of the one that the file asks for; absent where owners have name spaces. */
  readonly twin?: (stage: Stage) => Promise<unknown>;
  /** It is healed by another object that takes its place, so that its id changes. */
  readonly exchanged?: true;
  /** How another person removes it; absent where what exists stays for ever. */
  readonly remove?: (have: Observed, stage: Stage) => Promise<unknown>;
  /**
   * `marker`: it carries one, and another owner is refused · `space`: it carries one, and another owner makes its own
   * beside it · `derived`: it is whose the object is that it is about · `none`.
   */
  readonly owned: 'marker' | 'space' | 'derived' | 'none';
}

export interface Drift {
  readonly field: string;
  /** Fields that are no longer as they should be because of it. */
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
