import type { Verb } from '../../core/change.ts';
import { type AddressId, addressId, type Kind } from '../../core/objects/address.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import { differingFields } from '../../core/objects/equal.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';

/** A change whose place in the order is not known yet. */
export interface Draft {
  readonly id: string;
  readonly verb: Verb;
  readonly reconciler: AnyReconciler;
  readonly address: { readonly kind: Kind; readonly key: string };
  readonly want?: Linked<unknown>;
  readonly have?: Observed;
  readonly drift: readonly string[];
  readonly doors: readonly DoorEffect[];
  readonly needs: readonly string[];
  /** Objects that must exist first: those that its spec refers to, and any others. */
  readonly leansOn?: readonly AddressId[];
  readonly reason?: string;
  readonly because?: string;
  /** See `Change`. */
  readonly interim?: string;
  /** The next run plans it again as long as a change that needs it is to be made, even if this run makes it. */
  readonly repeats?: true;
}

/** The same draft, refused: gates applies nothing of it, and everything that depends on it waits. */
export function refused(draft: Draft, reason: string): Draft {
  return { ...draft, verb: 'refuse', reason };
}

/**
 * The draft; in two steps if it makes a login ask for less and changes something else too (`LoginEffects.strictForm`). Only the
 * second one has to wait until nobody of before gets in any more.
 */
export function inStrictSteps(draft: Draft): readonly Draft[] {
  const { verb, reconciler, address, want, have } = draft;
  if (verb !== 'update' || want === undefined || have === undefined) return [draft];
  const strict = reconciler.login?.strictForm?.(want, have);
  if (strict === undefined) return [draft];
  const doorsOf = (to: Linked<unknown>, from: Observed) => reconciler.doors?.(to, from, address) ?? [];
  const between = { ...have, spec: { ...(have.spec as object), ...(strict as object) } };
  const last = rewriting('loosen', {
    ...{ ...draft, want, have: between },
    drift: driftBetween(reconciler, want, between.spec),
    doors: doorsOf(want, between),
    reason: 'asks for less once nobody of before gets in any more',
  });
  const drift = driftBetween(reconciler, strict, have.spec);
  return [
    { ...draft, want: strict, drift, doors: doorsOf(strict, have) },
    { ...last, needs: [...draft.needs, draft.id] },
  ];
}

/** True if a draft closes a host, as a cover that admits only the probe does: before everything else there. */
export function isClosing({ doors }: Pick<Draft, 'doors'>): boolean {
  return doors.some(({ step }) => step === 'close');
}

/** Unique in a plan: the id of the live object tells two objects of one address apart. */
export function draftId(verb: string, draft: Pick<Draft, 'address' | 'have'>): string {
  const id = draft.have === undefined ? '' : ` ${draft.have.id}`;
  return `${verb} ${addressId(draft.address)}${id}`;
}

/** The fields in which `have` differs from `want`, as the kind compares them. */
export function driftBetween(reconciler: AnyReconciler, want: unknown, have: unknown): readonly string[] {
  return reconciler.drift?.(want as object, have) ?? differingFields(want as object, have as object);
}

/** A step that gives a live object of ours another form, as part of its series of steps or before its removal. */
export function rewriting(
  name: string,
  { reconciler, have, want, doors, reason, drift, because, leansOn }: Rewriting,
): Draft {
  const { address } = have;
  return {
    id: draftId(name, { address, have }),
    verb: 'update',
    reconciler,
    address,
    want,
    have,
    drift: drift ?? driftBetween(reconciler, want, have.spec),
    doors,
    needs: [],
    reason,
    ...(leansOn !== undefined && { leansOn }),
    ...(because !== undefined && { because }),
  };
}

interface Rewriting extends Pick<Draft, 'reconciler' | 'doors' | 'leansOn' | 'because'> {
  readonly have: Observed;
  readonly want: Linked<unknown>;
  readonly reason: string;
  /** By default, the fields that the kind sees as different. */
  readonly drift?: readonly string[];
}
