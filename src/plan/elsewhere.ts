import { addressId } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import { type Draft, draftId, driftBetween } from './draft.ts';
import { type Known, standingDoors } from './known.ts';

/**
 * Routes by which another carrier leads to the host until it has moved: under the cover they lead nowhere. With pruning
 * off such a route is in no plan and stays, closed: the cover may be nowhere yet while the gate is changed.
 */
export function closeElsewhere(
  known: Known,
  host: string,
  here: readonly Draft[],
): { readonly added: readonly Draft[]; readonly instead: ReadonlyMap<string, Draft> } {
  const added: Draft[] = [];
  const instead = new Map<string, Draft>();
  for (const draft of here) {
    const { doors, have, verb } = draft;
    const open = doors.find(({ step, live }) => step === 'unroute' && live === true);
    const staying =
      verb === 'update' && doors.find(({ step, via }) => step === 'unroute' && via !== undefined);
    if (staying) instead.set(draft.id, { ...draft, doors: [{ host: staying.host, step: 'close' }] });
    if (open === undefined || have === undefined || verb !== 'prune' || draft.needs.length > 0) continue;
    const close = closing(known, have, open.host, 'answers 503 before it is taken away');
    if (close === undefined) continue;
    added.push(close);
    instead.set(draft.id, { ...draft, needs: [close.id] });
  }
  const left = routesLeft(known, host, here);
  const reason = 'answers 503: its host is reached by another tunnel now';
  return { added: [...added, ...left.flatMap((have) => closing(known, have, host, reason) ?? [])], instead };
}

/** Open routes of ours by another carrier that nothing is done about. */
function routesLeft(known: Known, host: string, here: readonly Draft[]): readonly Observed[] {
  const handled = new Set(here.map(({ have }) => have?.id));
  const carriers = known.routes.get(host) ?? new Set();
  return known.objects.filter(
    (have) =>
      have.owner === known.owner &&
      !handled.has(have.id) &&
      !known.wanted.has(addressId(have.address)) &&
      standingDoors(known, have).some(
        ({ host: at, step, live, via }) =>
          at === host && step === 'unroute' && live === true && via !== undefined && !carriers.has(via),
      ),
  );
}

function closing(known: Known, have: Observed, host: string, reason: string): Draft | undefined {
  const { address } = have;
  const reconciler = known.reconcilers.get(address.kind);
  const want = reconciler?.closed?.(have, known.owner);
  if (reconciler === undefined || want === undefined) return undefined;
  return {
    id: draftId('close', { address, have }),
    verb: 'update',
    reconciler,
    address,
    want,
    have,
    drift: driftBetween(reconciler, want, have.spec),
    doors: [{ host, step: 'close' }],
    needs: [],
    reason,
  };
}
