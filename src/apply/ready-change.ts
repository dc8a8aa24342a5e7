import type { Change, ReadyChange } from '../core/change.ts';
import { asError, UnsafeError } from '../core/errors.ts';
import type { AddressId } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import { isResolved, resolve } from '../core/objects/reference.ts';
import type { Outcome } from '../core/outcome.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import { failure } from './not-done.ts';

interface Given {
  /** The objects that the plan knew, or that this run has made. */
  readonly attributes: ReadonlyMap<AddressId, Readonly<Record<string, string>>>;
  readonly world: World;
}

/**
 * The change as its reconciler gets it: with the values of the objects that it refers to, and with the object that an earlier
 * step of the plan made. Its outcome if that cannot be had, or if nothing is to be done.
 */
export async function readyChange(
  change: Change,
  reconciler: AnyReconciler,
  { attributes, world }: Given,
): Promise<{ ready: ReadyChange<unknown> } | { outcome: Outcome }> {
  const want = change.want === undefined ? undefined : resolve(change.want, (id) => attributes.get(id));
  if (!isResolved(want))
    return { outcome: failure(change, new UnsafeError('A value it refers to is still not known')) };
  const { id, address } = change;
  let { have } = change;
  if (change.verb !== 'create' && change.verb !== 'verify' && have === undefined) {
    try {
      have = await madeHere(address, reconciler, world);
    } catch (error) {
      return { outcome: failure(change, asError(error)) };
    }
    if (have === undefined && change.verb === 'prune')
      return { outcome: { change: id, address, status: 'done' } };
  }
  const verb = change.verb as ReadyChange<unknown>['verb'];
  return { ready: { id, verb, address, want, have, drift: change.drift.map(({ field }) => field) } };
}

/** The object that this plan made itself, for a later step that changes or removes it. */
async function madeHere(
  address: Change['address'],
  reconciler: AnyReconciler,
  world: World,
): Promise<Observed | undefined> {
  world.forget(reconciler);
  const live = await world.read(reconciler);
  return live.find((object) => object.address.key === address.key && object.owner === world.scope.owner);
}
