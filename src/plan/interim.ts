import { isCover } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import type { DoorEffect } from '../core/objects/door.ts';
import type { Observed } from '../core/objects/object.ts';
import { referencesIn } from '../core/objects/reference.ts';
import { type Draft, draftId, driftBetween } from './draft.ts';
import type { Known } from './known.ts';

/**
 * A guarded host that something of others serves already is closed before anything else is done about it: a route
 * that is to be created is created closed, and opened in its turn. Nobody is let in while its gate is built, and
 * a gate that cannot be built leaves the host closed.
 */
export function closeFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  return drafts.flatMap((draft) => {
    const host = draft.doors.find(({ step, host }) => step === 'route' && known.guarded.has(host))?.host;
    const siblings = known.byKind.get(draft.address.kind) ?? [];
    if (draft.verb !== 'create' || draft.want === undefined || host === undefined) return [draft];
    const closed = draft.reconciler.closedFirst?.(draft.want, siblings, known.owner);
    return closed === undefined ? [draft] : [closing(draft, host, closed), opening(draft, closed)];
  });
}

function closing(draft: Draft, host: string, closed: Observed): Draft {
  const { leansOn: _, ...base } = draft;
  const { address } = draft;
  const reason = 'answers 503 until its gate stands: something else would answer in its place';
  const doors: readonly DoorEffect[] = [{ host, step: 'close' }];
  return { ...base, id: draftId('close', { address }), want: closed.spec, doors, reason };
}

function opening(draft: Draft, closed: Observed): Draft {
  const { address } = draft;
  return {
    ...draft,
    id: draftId('update', { address, have: closed }),
    verb: 'update',
    have: closed,
    drift: driftBetween(draft.reconciler, draft.want, closed.spec),
    needs: [...draft.needs, draftId('close', { address })],
  };
}

/**
 * A route that demands less than the file asks for, since a hand changed it, demands that before anything else is done at
 * its host. Until then nothing but a gate keeps anybody out, and a gate at a path reaches further than its path for as
 * long as the edge does not know the one around it (decision 0025).
 */
export function demandFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const ids = new Set(drafts.map(({ id }) => id));
  return drafts.flatMap((draft) => {
    const host = draft.doors.find(({ step, host }) => step === 'route' && known.guarded.has(host))?.host;
    const reason = 'demands a token of the gate again, before the gate is touched';
    const demand = host === undefined ? undefined : demanded(draft, host, reason);
    // A gate that is still to be made gives no token yet; and under a cover the demand is made already.
    if (demand === undefined || ids.has(demand.id) || referencesIn(demand.want).length > 0) return [draft];
    const isAll = driftBetween(draft.reconciler, draft.want, demand.want).length === 0;
    return isAll ? [demand] : [demand, { ...draft, needs: [...draft.needs, demand.id] }];
  });
}

/** It leads where it did, and demands what it is to demand. Undefined where it does so already, or leads nowhere. */
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

/** Whether a draft lets go of what another object is to have, and does nothing else. */
export function isRelease(draft: Draft): boolean {
  return draft.id === draftId('release', draft);
}

/**
 * Where one object is to have what another one of ours still has, that one lets go of it first, in a step of its
 * own: its other changes may have to wait until the end, and the taker must stand before. Letting go admits
 * nobody, so it is done with all that guards.
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
    const left = { ...(isCover(draft) ? less(draft, takers) : draft), needs: [...draft.needs, interim.id] };
    const rest = isAll ? [] : [left];
    instead.set(draft.id, covering === undefined ? [interim, ...rest] : [covering]);
    const { id: first } = covering ?? interim;
    for (const { id } of takers) needs.set(id, [...(needs.get(id) ?? []), first]);
  }
  if (needs.size === 0) return drafts;
  const withNeeds = (draft: Draft) => ({ ...draft, needs: [...draft.needs, ...(needs.get(draft.id) ?? [])] });
  return drafts.flatMap((draft) => instead.get(draft.id) ?? [draft]).map(withNeeds);
}

/**
 * A cover that admits nobody else comes before all that guards, and lets go by itself of what others take. Undefined
 * of what is none.
 */
function coveringLess(draft: Draft, takers: readonly Draft[]): Draft | undefined {
  const closes = draft.doors.length > 0 && draft.doors.every(({ step }) => step === 'close');
  return closes ? less(draft, takers) : undefined;
}

/** A cover has all that stood there before, whatever the file asks for: less what others are to have. */
function less(draft: Draft, takers: readonly Draft[]): Draft {
  const { reconciler, have, want } = draft;
  if (have === undefined || want === undefined) return draft;
  const taken = takers.map((taker) => taker.want ?? {});
  return { ...draft, want: reconciler.released?.({ ...have, spec: want }, taken) ?? want };
}

const letsGo: ReadonlySet<string> = new Set(['update', 'replace', 'prune']);
const takes: ReadonlySet<string> = new Set(['create', 'update', 'replace', 'adopt']);

function takersFrom(draft: Draft, drafts: readonly Draft[]): readonly Draft[] {
  const { reconciler, have } = draft;
  const { released } = reconciler;
  if (have === undefined || released === undefined || !letsGo.has(draft.verb)) return [];
  // What is rewritten before lets go by then.
  const rewrites = drafts.filter((other) => other.verb === 'update' && other.have === have);
  if (rewrites.some((other) => draft.verb === 'prune' || isCovering(other, draft))) return [];
  // An object takes nothing from itself, in however many steps it becomes what it is to be.
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

/** Whether the one closes what the other changes later. */
function isCovering(one: Draft, other: Draft): boolean {
  const closes = ({ doors }: Draft) => doors.some(({ step }) => step === 'close');
  return one.id !== other.id && closes(one) && !closes(other);
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
    // Not of its path: whatever takes it may lie in that, and comes after it.
    doors: effects.map(({ host }) => ({ host, step: 'guard' as const })),
    needs: [],
    reason: `lets go of what ${takers.map((taker) => taker.address.key).join(' and ')} is to have`,
    ...(because !== undefined && { because }),
  };
}
