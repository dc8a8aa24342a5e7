import { type Change, isCarriedOut, type ReadyChange } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import { isAtHost } from '../core/objects/door.ts';
import { equal } from '../core/objects/equal.ts';
import type { Observed } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { driftBetween } from '../plan/drafts/draft.ts';

/** The changes of a plan that were sent at a host that it closes for later steps. */
export interface SentAt {
  /** The last one first. */
  readonly closings: readonly Change[];
  /** All the others that concern the host. */
  readonly others: readonly Change[];
}

/** Hosts that steps of the plan close only for later steps, each once. */
export function hostsClosedForNow(changes: Iterable<Change>): ReadonlySet<string> {
  return new Set([...changes].flatMap(({ interim }) => interim ?? []));
}

export function sentAt(host: string, changes: Iterable<Change>, sent: ReadonlySet<string>): SentAt {
  const here = [...changes].filter((change) => isCarriedOut(change) && sent.has(change.id));
  return { closings: here.filter(({ interim }) => interim === host).reverse(), others: othersAt(host, here) };
}

/** The changes that concern a host and do not close it for the others. */
export function othersAt(host: string, changes: Iterable<Change>): readonly Change[] {
  return [...changes].filter(
    (change) =>
      isCarriedOut(change) &&
      change.interim !== host &&
      change.doors.some((effect) => isAtHost(effect.host, host)),
  );
}

/** True if the object of a change that failed is as it was before; `live`: the objects of its kind as they are now. */
export function isUntouched({ address, have }: Change, live: readonly Observed[]): boolean {
  if (have === undefined) return !live.some((object) => object.address.key === address.key);
  const now = live.find(({ id }) => id === have.id);
  return now !== undefined && equal(now.spec, have.spec);
}

/**
 * The change that undoes a closing; undefined where nothing of it is left to undo.
 * @throws UnsafeError where somebody else has changed the object meanwhile.
 */
export function undoing(
  { id, address, have, want }: Pick<Change, 'id' | 'address' | 'have' | 'want'>,
  live: readonly Observed[],
  { reconciler, owner }: { readonly reconciler: AnyReconciler; readonly owner: string },
): ReadyChange<unknown> | undefined {
  const undo = { id: `undo ${id}`, address };
  if (have === undefined) {
    const made = live.find((object) => object.address.key === address.key && object.owner === owner);
    return made && { ...undo, verb: 'prune', want: undefined, have: made, drift: [] };
  }
  const now = live.find((object) => object.id === have.id);
  const drift = now && driftBetween(reconciler, have.spec, now.spec);
  if (drift?.length === 0) return undefined;
  if (now === undefined || drift === undefined || driftBetween(reconciler, want, now.spec).length > 0) {
    throw new UnsafeError('Somebody else has changed what closes the host, so gates leaves it closed', {
      hint: 'The next run opens it',
    });
  }
  return { ...undo, verb: 'update', want: have.spec, have: now, drift };
}
