import type { ReadyChange } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import { differingFields } from '../core/objects/equal.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Outcome } from '../core/outcome.ts';
import type { AnyReconciler } from '../core/reconciler.ts';

/**
 * After a write whose fate is unknown, the live system is looked at before anything is tried again: done
 * after all, or the change that is still to be made. A create is therefore never repeated blindly.
 */
export function lookAgain(
  change: ReadyChange<unknown>,
  reconciler: AnyReconciler,
  fresh: readonly Observed[],
  owner: string,
): { readonly outcome: Outcome } | { readonly again: ReadyChange<unknown> } {
  if (change.verb === 'prune') {
    const still = fresh.find((object) => object.id === change.have?.id);
    return still === undefined ? done(change) : { again: { ...change, have: still } };
  }
  const known = change.want as object;
  const drift = (have: Observed) =>
    reconciler.drift?.(known, have.spec) ?? differingFields(known, have.spec as object);
  const own = fresh.find((object) => object.id === change.have?.id);
  const isUnmarked =
    change.verb === 'adopt' && own?.owner === undefined && reconciler.traits?.unmarked !== true;
  // An equal one beside it may be what its kind was about to put in its place.
  if (own !== undefined && (isUnmarked || (change.verb === 'update' && drift(own).length > 0)))
    return { again: { ...change, have: own, drift: drift(own) } };
  const matches = fresh.filter((object) => object.address.key === change.address.key);
  const equal = matches.find((have) => drift(have).length === 0 && mayBeOurs(have, reconciler, owner));
  if (equal !== undefined) return done(change, equal);
  const [have] = matches;
  if (have === undefined) return { again: { ...change, verb: 'create', have: undefined } };
  if (have.id === change.have?.id) return { again: { ...change, have, drift: drift(have) } };
  if (!mayBeOurs(have, reconciler, owner))
    return failed(change, 'Somebody else made the same object meanwhile');
  const remedy = reconciler.remedy?.(drift(have), known, have, false) ?? { verb: 'update' as const };
  if (remedy.verb === 'refuse')
    return failed(change, 'The object stands, but not as it should', remedy.reason);
  return { again: { ...change, verb: remedy.verb, have, drift: drift(have) } };
}

function mayBeOurs(have: Observed, reconciler: AnyReconciler, owner: string): boolean {
  return have.owner === owner || (have.owner === undefined && reconciler.traits?.unmarked === true);
}

function done(change: ReadyChange<unknown>, have?: Observed): { readonly outcome: Outcome } {
  const { id, address } = change;
  return { outcome: { change: id, address, status: 'done', ...(have && { attributes: have.attributes }) } };
}

function failed(change: ReadyChange<unknown>, message: string, hint?: string): { readonly outcome: Outcome } {
  const error = new UnsafeError(message, { ...(hint !== undefined && { hint }) });
  return { outcome: { change: change.id, address: change.address, status: 'failed', error } };
}
