import { isCover } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import type { DoorEffect } from '../core/objects/door.ts';
import type { Observed } from '../core/objects/object.ts';
import { referencesIn } from '../core/objects/reference.ts';
import { type Draft, draftId, driftBetween } from './draft.ts';
import type { Known } from './known.ts';

/**
 * If a foreign object already serves a guarded host, the host is closed before anything else is done about it: its new
 * route is created closed and opened later. If a wildcard leads the host elsewhere, its name follows at once, because
 * the closed route answers only where the name leads. Nobody gets in while the gate is built, and if the gate cannot be
 * built, the host stays closed.
 */
export function closeFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const targets = wildcardTargets(known, drafts);
  const closings = new Map<string, readonly string[]>();
  const stepped = drafts.flatMap((draft) => {
    const host = draft.doors.find(({ step, host }) => step === 'route' && known.guarded.has(host))?.host;
    const siblings = known.byKind.get(draft.address.kind) ?? [];
    if (draft.want === undefined || host === undefined) return [draft];
    const closed = draft.reconciler.closedFirst?.(draft.want, siblings, known.owner, targets.get(host));
    if (closed === undefined) return [draft];
    if (draft.verb !== 'create') {
      if (draft.verb === 'update' && isClosed(draft)) closings.set(host, []);
      return [draft];
    }
    const close = closing(draft, host, closed);
    closings.set(host, [close.id]);
    return [close, opening(draft, closed)];
  });
  return stepped.map((draft) => {
    const host = nameIn(draft);
    const needs = host !== undefined && targets.has(host) ? closings.get(host) : undefined;
    return needs === undefined ? draft : leadingAway(draft, needs);
  });
}

/** The targets to which wildcards lead guarded hosts whose names are yet to be made, by host. */
function wildcardTargets(known: Known, drafts: readonly Draft[]): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const draft of drafts) {
    const host = nameIn(draft);
    if (host === undefined || draft.want === undefined || !known.guarded.has(host)) continue;
    const siblings = known.byKind.get(draft.address.kind) ?? [];
    const target = draft.reconciler.wildcardTarget?.(draft.want, siblings);
    if (target !== undefined) targets.set(host, target);
  }
  return targets;
}

/** The host of a name that is to be made. */
function nameIn({ verb, doors }: Draft): string | undefined {
  return verb === 'create' ? doors.find(({ step }) => step === 'publish')?.host : undefined;
}

/** True if a live route is closed, because an earlier run ended before it opened the route. */
function isClosed({ reconciler, address, have }: Draft): boolean {
  const doors = have === undefined ? [] : (reconciler.doors?.(undefined, have, address) ?? []);
  return doors.some(({ step, live }) => step === 'unroute' && live !== true);
}

/** A name that takes its host away from a wildcard, to a closed route. */
function leadingAway(draft: Draft, needs: readonly string[]): Draft {
  const doors = draft.doors.map(({ host }) => ({ host, step: 'close' as const }));
  const reason = 'leads to a route that answers 503 until the gate exists: a wildcard leads elsewhere';
  return { ...draft, doors, needs: [...draft.needs, ...needs], reason };
}

function closing(draft: Draft, host: string, closed: Observed): Draft {
  const { address } = draft;
  const reason = 'answers 503 until its gate exists: something else would answer in its place';
  const doors: readonly DoorEffect[] = [{ host, step: 'close' }];
  const leansOn = referencesIn(closed.spec);
  return { ...draft, id: draftId('close', { address }), want: closed.spec, doors, leansOn, reason };
}

function opening(draft: Draft, closed: Observed): Draft {
  const { address } = draft;
  // While its tunnel does not exist, nobody knows the id of the closed route. The run finds it by its address.
  const have = referencesIn(closed.spec).length === 0 ? { have: closed } : {};
  return {
    ...draft,
    ...have,
    id: draftId('update', { address, ...have }),
    verb: 'update',
    drift: driftBetween(draft.reconciler, draft.want, closed.spec),
    needs: [...draft.needs, draftId('close', { address })],
  };
}

/**
 * A route that someone changed so that it demands less than the file asks for demands it again before anything else is
 * done at its host. Until then only a gate keeps people out, and a gate at a path reaches further than its path as long
 * as the edge does not know the outer gate (decision 0025).
 */
export function demandFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const ids = new Set(drafts.map(({ id }) => id));
  return drafts.flatMap((draft) => {
    const host = draft.doors.find(({ step, host }) => step === 'route' && known.guarded.has(host))?.host;
    const reason = 'demands a token of the gate again, before the gate is touched';
    const demand = host === undefined ? undefined : demanded(draft, host, reason);
    // A gate that does not exist yet issues no token. Under a cover the demand is made already.
    if (demand === undefined || ids.has(demand.id) || referencesIn(demand.want).length > 0) return [draft];
    const isAll = driftBetween(draft.reconciler, draft.want, demand.want).length === 0;
    return isAll ? [demand] : [demand, { ...draft, needs: [...draft.needs, demand.id] }];
  });
}

/** The route with the same origin and the demand of `want`. Undefined if it demands that already, or is closed. */
export function demanded(
  { reconciler, address, verb, want, have, leansOn = [], because }: Draft,
  host: string,
  reason: string,
): Draft | undefined {
  if (verb !== 'update' || have === undefined || want === undefined) return undefined;
  const demanding = reconciler.demanding?.(have.spec, want);
  if (demanding === undefined) return undefined;
  return {
    id: draftId('demand', { address, have }),
    verb: 'update',
    reconciler,
    address,
    want: demanding,
    have,
    drift: driftBetween(reconciler, demanding, have.spec),
    doors: [{ host, step: 'close' }],
    needs: [],
    leansOn,
    reason,
    ...(because !== undefined && { because }),
  };
}

/** True if a draft only releases what another object is to have. */
export function isRelease(draft: Draft): boolean {
  return draft.id === draftId('release', draft);
}

/**
 * If one object is to have what another of our objects still has, that one releases it first, in a step of its own: its
 * other changes may have to wait until the end, and the taker must exist before. A release admits nobody, so it is done
 * together with the guarding steps.
 */
export function releaseFirst(drafts: readonly Draft[]): readonly Draft[] {
  const needs = new Map<string, readonly string[]>();
  const instead = new Map<string, readonly Draft[]>();
  for (const draft of drafts) {
    const takers = takersFrom(draft, drafts);
    const interim = takers.length === 0 ? undefined : releasing(draft, takers);
    if (interim === undefined) continue;
    const covering = coveringLess(draft, takers);
    const isAll =
      draft.verb === 'update' && driftBetween(draft.reconciler, draft.want, interim.want).length === 0;
    const later = { ...(isCover(draft) ? less(draft, takers) : draft), needs: [...draft.needs, interim.id] };
    const rest = isAll ? [] : [later];
    instead.set(draft.id, covering === undefined ? [interim, ...rest] : [covering]);
    const { id: first } = covering ?? interim;
    for (const { id } of takers) needs.set(id, [...(needs.get(id) ?? []), first]);
  }
  if (needs.size === 0) return drafts;
  const withNeeds = (draft: Draft) => ({ ...draft, needs: [...draft.needs, ...(needs.get(draft.id) ?? [])] });
  return drafts.flatMap((draft) => instead.get(draft.id) ?? [draft]).map(withNeeds);
}

/**
 * A cover that admits only the probe comes before the guarding steps, and omits what others take by itself. Undefined
 * for other drafts.
 */
function coveringLess(draft: Draft, takers: readonly Draft[]): Draft | undefined {
  const closes = draft.doors.length > 0 && draft.doors.every(({ step }) => step === 'close');
  return closes ? less(draft, takers) : undefined;
}

/** A cover keeps everything that the object had before, whatever the file asks for, except what others are to have. */
function less(draft: Draft, takers: readonly Draft[]): Draft {
  const { reconciler, have, want } = draft;
  if (have === undefined || want === undefined) return draft;
  const takenSpecs = takers.map((taker) => taker.want ?? {});
  return { ...draft, want: reconciler.released?.({ ...have, spec: want }, takenSpecs) ?? want };
}

const letsGo: ReadonlySet<string> = new Set(['update', 'replace', 'prune']);
const takes: ReadonlySet<string> = new Set(['create', 'update', 'replace', 'adopt']);

function takersFrom(draft: Draft, drafts: readonly Draft[]): readonly Draft[] {
  const { reconciler, have } = draft;
  const { released } = reconciler;
  if (have === undefined || released === undefined || !letsGo.has(draft.verb)) return [];
  // An earlier step that rewrites the object also releases it.
  const rewrites = drafts.filter((other) => other.verb === 'update' && other.have === have);
  if (rewrites.some((other) => draft.verb === 'prune' || isCovering(other, draft))) return [];
  // An object takes nothing from itself, however many steps it goes through.
  const own = addressId(draft.address);
  return drafts.filter(
    ({ address, verb, want, reconciler: { kind } }) =>
      addressId(address) !== own &&
      kind === reconciler.kind &&
      want !== undefined &&
      takes.has(verb) &&
      released(have, [want]) !== undefined,
  );
}

/** True if `one` closes what `other` changes later. */
function isCovering(earlier: Draft, later: Draft): boolean {
  const closes = ({ doors }: Draft) => doors.some(({ step }) => step === 'close');
  return earlier.id !== later.id && closes(earlier) && !closes(later);
}

function releasing(draft: Draft, takers: readonly Draft[]): Draft | undefined {
  const { reconciler, address, have, because } = draft;
  if (have === undefined) return undefined;
  const want = reconciler.released?.(
    have,
    takers.map((taker) => taker.want ?? {}),
  );
  if (want === undefined) return undefined;
  const effects = reconciler.doors?.(want, have, address) ?? [];
  return {
    id: draftId('release', { address, have }),
    verb: 'update',
    reconciler,
    address,
    want,
    have,
    drift: driftBetween(reconciler, want, have.spec),
    // Without the path: the taker may lie within it, and comes after this step.
    doors: effects.map(({ host }) => ({ host, step: 'guard' as const })),
    needs: [],
    reason: `releases what ${takers.map((taker) => taker.address.key).join(' and ')} takes over`,
    ...(because !== undefined && { because }),
  };
}
