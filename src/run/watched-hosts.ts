import type { Plan, WatchedDifference, WatchedHost } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { draftWanted } from '../plan/decisions/wanted.ts';
import type { Draft } from '../plan/drafts/draft.ts';
import { type Known, knowledge, standingDoors } from '../plan/drafts/known.ts';

/** The plan with the differences at the hosts that gates only watches. They are compared like all others. */
export function withWatchedHosts(
  plan: Plan,
  desired: Desired,
  observed: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
): Plan {
  const { watched = [] } = desired;
  if (watched.length === 0) return plan;
  const objects = watched.flatMap(({ among }) => among);
  const known = knowledge({ ...desired, objects }, observed, reconcilers);
  const { drafts } = draftWanted(known, { adopt: false, leaves: () => true });
  const byAddress = new Map(drafts.map((draft) => [addressId(draft.address), draft]));
  const hosts = watched.map(({ service, host, objects: own, refusal }): WatchedHost => {
    const found = own.flatMap(({ address }) => byAddress.get(addressId(address)) ?? []);
    const differences = [...found.flatMap(differenceOf), ...extrasAt(known, host)];
    if (refusal === undefined) return { service, host, differences };
    const address = { kind: 'cloudflare/service' as const, key: host };
    return { service, host, differences: [{ address, state: 'unknown', drift: [], reason: refusal }] };
  });
  return { ...plan, watched: hosts };
}

/** Our objects at the host that the file does not ask for. */
function extrasAt(known: Known, host: string): readonly WatchedDifference[] {
  return known.objects
    .filter(
      (have) =>
        have.owner === known.owner &&
        known.reconcilers.get(have.address.kind)?.write !== undefined &&
        !known.wanted.has(addressId(have.address)) &&
        standingDoors(known, have).some((effect) => effect.host === host),
    )
    .map(({ address }) => ({ address, state: 'extra', drift: [] }));
}

function differenceOf({ address, verb, drift, want, have, reason }: Draft): readonly WatchedDifference[] {
  if (verb === 'keep') return [];
  const [after, before] = [want, have?.spec].map((spec) => (spec ?? {}) as Record<string, unknown>);
  const fields = drift.map((field) => ({ field, before: before?.[field], after: after?.[field] }));
  const why = reason === undefined ? {} : { reason };
  if (verb === 'create') return [{ address, state: 'missing', drift: [], ...why }];
  return [{ address, state: fields.length > 0 ? 'differs' : 'unknown', drift: fields, ...why }];
}
