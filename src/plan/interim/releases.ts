import { isCover } from '../../core/change.ts';
import { addressId } from '../../core/objects/address.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { heldRemoval } from '../decisions/staying-parts.ts';
import { type Draft, draftId, driftBetween, rewriting } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import { takesPathFromEverybody } from '../order/door-edges.ts';
import { coming, takersAmong } from './takers.ts';

/** True if a draft only releases what another object is to have. */
export function isRelease(draft: Draft): boolean {
  return draft.id === draftId('release', draft);
}

/**
 * If one object is to have what another of our objects still has, that one releases it first, in a step of its own: its
 * other changes may have to wait until the end, and the taker must exist before. A release admits nobody, so it is done
 * together with the guarding steps. Where a third object answers for it meanwhile, `withoutHeirs` sees to that, unless that is a leftover:
 * the release waits for its removal, which is refused.
 */
export function releaseFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const needs = new Map<string, readonly string[]>();
  const instead = new Map<string, readonly Draft[]>();
  const routes = new Map<string, readonly Observed[]>();
  const held = new Map<string, Draft>();
  const narrowed = new Map<string, readonly [first: Draft, rest: Draft]>();
  const takersFrom = takersAmong(drafts);
  for (const draft of drafts) {
    const takers = takersFrom(draft);
    if (takers.length === 0) continue;
    const interim = releasing(draft, takers);
    const replacements = releasingSteps(draft, takers, interim);
    instead.set(draft.id, replacements);
    const first = replacements[0]?.id ?? draft.id;
    const heirs = heirsOf(known, interim?.have, interim?.want).filter(
      (heir) => !isSafe(heir, takers, drafts),
    );
    routes.set(first, routesBehind(known, heirs, draft.verb === 'prune' ? [draft, ...takers] : takers));
    for (const taker of takers) {
      const steps = narrowFirst(taker, { heirs, of: draft });
      if (steps === undefined) continue;
      narrowed.set(taker.id, steps);
      needs.set(first, [...(needs.get(first) ?? []), steps[0].id]);
    }
    const leftovers = heirs.flatMap((heir) => leftoverIn(known, heir, takers, drafts) ?? []);
    for (const each of leftovers) held.set(each.id, each);
    needs.set(first, [...(needs.get(first) ?? []), ...leftovers.map(({ id }) => id)]);
    for (const { id } of takers) needs.set(id, [...(needs.get(id) ?? []), first]);
  }
  if (needs.size === 0) return drafts;
  const withNeeds = (draft: Draft) => ({ ...draft, needs: [...draft.needs, ...(needs.get(draft.id) ?? [])] });
  const released = drafts
    .flatMap((draft) => instead.get(draft.id) ?? [draft])
    .flatMap((draft) => narrowed.get(draft.id) ?? [draft])
    .map(withNeeds);
  return [...withoutHeirs(known, released, routes), ...held.values()];
}

/** The draft after the release, or without it where that does all of it; a cover also takes less. */
function releasingSteps(
  draft: Draft,
  takers: readonly Draft[],
  interim: Draft | undefined,
): readonly Draft[] {
  const kept = isCover(draft) ? less(draft, takers) : draft;
  // A cover that admits only the probe comes before the guarding steps, and releases by itself.
  const closes = draft.doors.length > 0 && draft.doors.every(({ step }) => step === 'close');
  if (closes || interim === undefined) return [kept];
  const isAll =
    draft.verb === 'update' && driftBetween(draft.reconciler, draft.want, interim.want).length === 0;
  return isAll ? [interim] : [interim, { ...kept, needs: [...draft.needs, interim.id] }];
}

/**
 * A taker that answers for what is released before it takes that, and gives no token until then, because it admits everybody: people could
 * send a token of another gate there themselves. So it asks its own people first, in its place of before.
 */
function narrowFirst(
  taker: Draft,
  { heirs, of }: { readonly heirs: readonly Observed[]; readonly of: Draft },
): readonly [first: Draft, rest: Draft] | undefined {
  const { reconciler, address, have, want, leansOn = [], because } = taker;
  const isHeir = taker.verb === 'update' && heirs.some(({ id }) => id === have?.id);
  if (!isHeir || have === undefined) return undefined;
  const inPlace = reconciler.gate?.released?.({ ...have, spec: want }, [of.have?.spec ?? {}]);
  if (inPlace === undefined) return undefined;
  const doors = reconciler.doors?.(inPlace, have, address) ?? [];
  const reason = 'asks its people before it takes over what lies below its path';
  const plan = { leansOn, ...(because !== undefined && { because }) };
  const first = rewriting('narrow', { reconciler, have, want: inPlace, doors, reason, ...plan });
  if (!takesPathFromEverybody(first)) return undefined;
  const between = { ...have, spec: inPlace };
  const drift = driftBetween(reconciler, want, inPlace);
  return [first, { ...taker, have: between, drift, needs: [...taker.needs, first.id] }];
}

/**
 * The refused removal of an heir, or else of its route, that the file does not name and that stays, because nothing is removed: the route is
 * open where the file leads the host. Undefined if nothing stays, or if an heir that the file names keeps its people.
 */
function leftoverIn(
  known: Known,
  heir: Observed,
  takers: readonly Draft[],
  drafts: readonly Draft[],
): Draft | undefined {
  const stays = (have: Observed) =>
    !known.wanted.has(addressId(have.address)) && !drafts.some((draft) => draft.have?.id === have.id);
  const route = routesTo(known, heir).find((each) => stays(each) && usedDoors(known, each).length > 0);
  if (heir.owner !== known.owner || route === undefined) return undefined;
  const where = `below ${heir.address.key} whom no file has admitted there`;
  if (stays(heir)) return heldRemoval(known, heir, where);
  const changes = drafts.some((draft) => {
    // A taker only takes, unless it comes to admit others.
    const isTaking = takers.includes(draft) && !draft.doors.some(({ step }) => step === 'change');
    return !isTaking && isOf(draft, heir);
  });
  return changes ? heldRemoval(known, route, where) : undefined;
}

/** True if a draft changes the object, or one that it uses, such as a policy. */
function isOf({ verb, have }: Draft, object: Observed): boolean {
  return verb !== 'keep' && have !== undefined && (have.id === object.id || object.uses.includes(have.id));
}

/**
 * The live objects that answer for what `have` has beyond another form of it, as long as it has that form and nobody else takes it: after
 * a release, or before a cover.
 */
export function heirsOf(
  known: Known,
  have: Observed | undefined,
  to: Linked<unknown> | undefined,
): readonly Observed[] {
  if (have === undefined || to === undefined) return [];
  const { kind } = have.address;
  const siblings = (known.byKind.get(kind) ?? []).filter(({ id }) => id !== have.id);
  return known.reconcilers.get(kind)?.gate?.heirs?.(have, to, siblings) ?? [];
}

/** True if an heir already admits only whom the file admits, and every taker admits everybody: nobody new gets in. */
function isSafe(heir: Observed, takers: readonly Draft[], drafts: readonly Draft[]): boolean {
  const admitsAll = takers.every(({ doors }) => doors.every(({ step }) => step === 'unguard'));
  return admitsAll && !drafts.some((draft) => isOf(draft, heir));
}

/**
 * Our open routes that let requests past an heir through. One that gives no token, such as the gate of a public path, lets them send that
 * of a taker, or of a gate that leaves: nobody asks any more from where they come.
 */
function routesBehind(
  known: Known,
  heirs: readonly Observed[],
  senders: readonly Draft[],
): readonly Observed[] {
  const given = heirs.map((heir) => routesTo(known, heir));
  const sent = given.some((routes) => routes.length === 0)
    ? senders.flatMap(({ have }) => (have === undefined ? [] : routesTo(known, have)))
    : [];
  return [...given.flat(), ...sent];
}

/** The doors of a live route at hosts that the file leads through the same tunnel. */
export function usedDoors(known: Known, route: Observed): readonly DoorEffect[] {
  return standingDoors(known, route).filter(
    ({ host, via }) => via !== undefined && known.routes.get(host)?.has(via) === true,
  );
}

/** Our open routes that let requests through with a token of this gate. */
export function routesTo(known: Known, gate: Observed): readonly Observed[] {
  return known.objects.filter(
    ({ address, owner, spec }) =>
      owner === known.owner && known.reconcilers.get(address.kind)?.route?.passes?.(spec, gate) === true,
  );
}

/**
 * Closes routes before the releases for which they are open (`routes`, by the id of the release), and opens them again with the
 * other routes of their hosts. A route may match a little more than the path of its gate (`/health/`), where the people of that
 * gate have no business.
 */
function withoutHeirs(
  known: Known,
  drafts: readonly Draft[],
  routes: ReadonlyMap<string, readonly Observed[]>,
): readonly Draft[] {
  const open = new Set([...routes.values()].flat());
  if (open.size === 0) return drafts;
  const closings = new Map<Observed, string>();
  const stepped = drafts.flatMap((draft) => {
    const closed =
      draft.have !== undefined && open.has(draft.have) ? closedMeanwhile(known, draft) : undefined;
    const [close] = closed ?? [];
    if (close?.have !== undefined) closings.set(close.have, close.id);
    return closed ?? [draft];
  });
  return stepped.map((draft) => {
    const needs = (routes.get(draft.id) ?? []).flatMap((route) => closings.get(route) ?? []);
    return needs.length === 0 ? draft : { ...draft, needs: [...draft.needs, ...needs] };
  });
}

/**
 * The route of a path, closed first, and opened or removed by a step of its own: a host that moves leaves it open until the end.
 * Undefined if it is closed already, or by another step.
 */
function closedMeanwhile(known: Known, draft: Draft): readonly Draft[] | undefined {
  const { have, want, reconciler, address, verb, id, because } = draft;
  const isPruned = verb === 'prune' && !draft.needs.includes(draftId('close', draft));
  const stays = want !== undefined && (verb === 'keep' || id === draftId('update', draft));
  if (have === undefined || !(isPruned || stays)) return undefined;
  const doors = reconciler.doors?.(want, have, address) ?? [];
  const host = doors.find(({ part }) => part !== undefined)?.host;
  const closed = reconciler.route?.closed?.(have, known.owner);
  if (closed === undefined || host === undefined) return undefined;
  const close = rewriting('close', {
    ...{ reconciler, have, want: closed, doors: [{ host, step: 'close' }] },
    reason: 'answers 503 while another gate takes over what lies below its path',
    ...(because !== undefined && { because }),
  });
  const needs = [...draft.needs, close.id];
  const opened = (): Draft => ({
    ...{ ...draft, id: draftId('update', draft), verb: 'update', doors },
    drift: driftBetween(reconciler, want, closed),
  });
  return [
    { ...close, interim: host },
    { ...(isPruned ? draft : opened()), needs },
  ];
}

/** A cover keeps everything that the object had before, whatever the file asks for, except what others are to have. */
function less(draft: Draft, takers: readonly Draft[]): Draft {
  const { reconciler, want } = draft;
  const taken = takers.map((taker) => taker.want ?? {});
  return { ...draft, want: reconciler.gate?.released?.(coming(draft), taken) ?? want ?? {} };
}

function releasing(draft: Draft, takers: readonly Draft[]): Draft | undefined {
  const { reconciler, address, have, because } = draft;
  if (have === undefined) return undefined;
  const want = reconciler.gate?.released?.(
    have,
    takers.map((taker) => taker.want ?? {}),
  );
  if (want === undefined) return undefined;
  const effects = reconciler.doors?.(want, have, address) ?? [];
  return rewriting('release', {
    reconciler,
    have,
    want,
    // Without the path: the taker may lie within it, and comes after this step.
    doors: effects.map(({ host }) => ({ host, step: 'guard' as const })),
    reason: `releases what ${takers.map((taker) => taker.address.key).join(' and ')} takes over`,
    ...(because !== undefined && { because }),
  });
}
