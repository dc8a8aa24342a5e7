import type { Plan } from '../core/change.ts';
import { type AddressId, addressId } from '../core/objects/address.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { OutsideChange } from '../core/record/change-log.ts';
import { draftWanted } from '../plan/decisions/wanted.ts';
import { knowledge } from '../plan/drafts/known.ts';
import { digestOf, type InOrderNote } from './in-order.ts';
import { type LogIds, logIds } from './log-ids.ts';

/** An object that somebody changed outside this gates since a run found it in order. */
export interface Suspect extends LogIds {
  readonly address: AddressId;
  readonly how: OutsideChange['how'];
  /** RFC 3339: the time when it was in order. */
  readonly since: string;
}

/** The input of a plan. */
export interface PlanGround {
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
  readonly plan: Plan;
}

/**
 * The objects that differ from the file, or are gone, although the file asks for the same as when they were last in
 * order; and objects that the file never asked for. The rest of a plan follows from these or from a new file. Changes
 * that time causes, such as a secret that is due, are nobody's.
 */
export function suspectsIn(ground: PlanGround, note: InOrderNote): readonly Suspect[] {
  const { plan } = ground;
  const planned = new Map(plan.changes.filter(({ verb }) => verb !== 'keep').map((one) => [one.id, one]));
  const shown = new Set([...planned.values()].map(({ address }) => addressId(address)));
  const known = knowledge(ground.desired, ground.observed, ground.reconcilers);
  const { drafts } = draftWanted(known, { adopt: false, leaves: () => true });
  // Kinds whose key contains a value, such as the content of a record: the object exists, but its key has changed.
  const live = new Set(known.objects.flatMap((have) => logIds({ ...have, kind: have.address.kind }).own));
  const recorded = new Map(
    [...note.objects.values()].flatMap((record) => record.own.map((id) => [id, record])),
  );
  const wanted = drafts.flatMap((draft): readonly Suspect[] => {
    const { verb, have, want, drift, reconciler } = draft;
    const address = addressId(draft.address);
    const record = note.objects.get(address);
    const object = known.wanted.get(address);
    if (record === undefined || object === undefined || !shown.has(address)) return [];
    if (verb === 'keep' || verb === 'prune' || record.digest !== digestOf(object)) return [];
    if (have === undefined && verb !== 'create') return [];
    if (have !== undefined && want !== undefined && reconciler.foreseen?.(drift, want, have) === true)
      return [];
    const now = logIds({ kind: draft.address.kind, spec: want, ...have });
    const ids = { own: union(now.own, record.own), documents: union(now.documents, record.documents) };
    const isGone = have === undefined && !record.own.some((id) => live.has(id));
    return [{ address, ...ids, how: isGone ? 'removed' : 'changed', since: record.at }];
  });
  const added = [...planned.values()].flatMap(({ verb, address, have }): readonly Suspect[] => {
    const key = addressId(address);
    if (verb !== 'prune' || have === undefined || note.objects.has(key) || known.wanted.has(key)) return [];
    const ids = logIds({ ...have, kind: address.kind });
    const before = ids.own.map((id) => recorded.get(id)).find((record) => record !== undefined);
    const how = before === undefined ? 'added' : 'changed';
    return [{ address: key, ...ids, how, since: before?.at ?? note.at }];
  });
  return [...wanted, ...added].filter(({ own, documents }) => own.length + documents.length > 0);
}

function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])];
}
