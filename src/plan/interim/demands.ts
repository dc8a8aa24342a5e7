import { addressId } from '../../core/objects/address.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import type { Observed } from '../../core/objects/object.ts';
import { referencesIn } from '../../core/objects/reference.ts';
import { type Draft, driftBetween, rewriting } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';

/**
 * A route that someone changed so that it demands less than the file asks for demands it again before anything else is
 * done at its host. Until then only a gate keeps people out, and a gate at a path reaches further than its path as long
 * as the edge does not know the outer gate (decision 0025). A route that demands another token lets nobody through, so it
 * waits for the gate.
 */
export function demandFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const reason = 'demands a token of the gate again, before the gate is touched';
  return withDemands(drafts, (draft) => {
    const demand = keepsOut(known, draft) ? undefined : demandAt(known, draft, reason);
    // A gate that does not exist yet issues no token.
    return demand === undefined || referencesIn(demand.want).length > 0 ? undefined : demand;
  });
}

/**
 * A route demands the token of a gate that this plan makes once that is made, whatever the rest of the route's change waits for.
 * Otherwise the next run would (`demandFirst`). A route that is closed meanwhile lets nobody through.
 */
export function demandOfNewGates(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const reason = 'demands a token of the new gate, whatever else waits at the host';
  const inSteps = doneInSteps(drafts);
  return withDemands(drafts, (draft) => {
    const demand = demandAt(known, draft, reason);
    const leansOn = referencesIn(demand?.want);
    if (demand === undefined || leansOn.length === 0 || inSteps.has(liveOf(draft))) return undefined;
    const doors = draft.doors.map((effect): DoorEffect => ({ ...effect, narrowing: true }));
    return isAllOf(draft, demand) ? { ...draft, doors } : { ...demand, leansOn, doors };
  });
}

/** The live objects that change in several steps, as `liveOf` names them. */
function doneInSteps(drafts: readonly Draft[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(
    drafts
      .flatMap((draft) => (draft.verb === 'keep' ? [] : [liveOf(draft)]))
      .filter((live) => {
        const isAgain = seen.has(live);
        seen.add(live);
        return isAgain;
      }),
  );
}

function liveOf({ address, have }: Draft): string {
  return `${addressId(address)} ${have?.id}`;
}

/**
 * The demand of a route by which the file leads a guarded host. If the route comes to lead elsewhere, and it demands another token or is
 * shadowed, one write sets the demand and the new origin. People of the new gate must not reach the old origin, and do not reach it now.
 */
function demandAt(known: Known, draft: Draft, reason: string): Draft | undefined {
  const { reconciler, want, have } = draft;
  if (have !== undefined && want !== undefined) {
    const isReached = !isShadowed(known, have) && !keepsOut(known, draft);
    if (!isReached && reconciler.route?.leadsElsewhere?.(have.spec, want) === true) return undefined;
  }
  const host = draft.doors.find(({ step, host }) => step === 'route' && known.guarded.has(host))?.host;
  return host === undefined ? undefined : demanded(draft, host, reason);
}

/** True for a live route that demands some token. If `want` demands another one, nobody passes with that now. */
export function keepsOut(known: Known, { reconciler, have }: Draft): boolean {
  return have !== undefined && !isShadowed(known, have) && reconciler.route?.demands?.(have.spec) === true;
}

function isShadowed(known: Known, have: Observed): boolean {
  return standingDoors(known, have).some(({ shadowed }) => shadowed === true);
}

/** The drafts, each with its demand before it, or instead of it if nothing else is left to change. */
function withDemands(
  drafts: readonly Draft[],
  demandOf: (draft: Draft) => Draft | undefined,
): readonly Draft[] {
  const ids = new Set(drafts.map(({ id }) => id));
  return drafts.flatMap((draft) => {
    const demand = demandOf(draft);
    // Under a cover the demand is made already.
    if (demand === undefined || (demand.id !== draft.id && ids.has(demand.id))) return [draft];
    return isAllOf(draft, demand) ? [demand] : [demand, { ...draft, needs: [...draft.needs, demand.id] }];
  });
}

function isAllOf({ reconciler, want }: Draft, demand: Draft): boolean {
  return driftBetween(reconciler, want, demand.want).length === 0;
}

/** The route with the same origin and the demand of `want`. Undefined if it demands that already, or is closed. */
export function demanded(
  { reconciler, verb, want, have, leansOn = [], because }: Draft,
  host: string,
  reason: string,
): Draft | undefined {
  if (verb !== 'update' || have === undefined || want === undefined) return undefined;
  const demanding = reconciler.route?.demanding?.(have.spec, want);
  if (demanding === undefined) return undefined;
  const doors: readonly DoorEffect[] = [{ host, step: 'close' }];
  const plan = { ...(because !== undefined && { because }), leansOn };
  return rewriting('demand', { reconciler, have, want: demanding, doors, reason, ...plan });
}
