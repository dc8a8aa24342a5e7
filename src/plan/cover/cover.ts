import { coverId, uncoverId } from '../../core/change.ts';
import { UnsafeError } from '../../core/errors.ts';
import { type Address, type AddressId, addressId, type Kind } from '../../core/objects/address.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import { differingFields } from '../../core/objects/equal.ts';
import type { DesiredObject, GateCheck, Observed } from '../../core/objects/object.ts';
import { type Linked, referencesIn, resolve } from '../../core/objects/reference.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import { draftOne, type KnownAttributes } from '../decisions/wanted.ts';
import { type Draft, draftId, driftBetween } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';
import { demanded, keepsOut } from '../interim/demands.ts';
import { heirsOf } from '../interim/releases.ts';

/** The rest of the plan, as far as it matters to a cover. */
export interface Besides {
  readonly attributes: KnownAttributes;
  /** Removals, by the id of the removed object. */
  readonly prunes: ReadonlyMap<string, Draft>;
  /** The draft of each address that the file asks for. */
  readonly wanted: ReadonlyMap<AddressId, Draft>;
  /** The same by the kind of the object. */
  readonly wantedOfKind: ReadonlyMap<Kind, readonly Draft[]>;
}

/**
 * Puts the cover up: a new object, or one of ours that from now on also admits the probe. No draft if it does so
 * already. `isShut`: nobody gets in through that object now, or nobody may, so it admits only the probe, before anything
 * else changes at the host.
 */
export function coverUp(
  known: Known,
  cover: DesiredObject,
  standing: Observed | undefined,
  { isShut, attributes, ...besides }: Omit<Besides, 'wanted'> & { readonly isShut: boolean },
): readonly Draft[] {
  const reason = 'admits only our own probe until the gate has been checked';
  if (standing === undefined) {
    const spec = coveringForm(known, cover, standing, besides);
    const whole = { ...cover, ...(spec !== undefined && { spec }) };
    const drafts = draftOne(known, whole, {
      adopt: false,
      staying: new Map(),
      attributes,
      used: () => false,
    });
    const id = coverId(cover.address);
    return drafts.map((draft) => {
      // A refused cover gets this id too: the gate is not touched without it.
      const first = { ...draft, id, doors: closing(draft.doors) };
      return draft.verb === 'refuse' ? first : { ...first, reason };
    });
  }
  const { address } = cover;
  const reconciler = reconcilerOf(known, address.kind);
  const resolved = resolve(cover.spec, (id) => attributes.get(id));
  const want = coveringForm(known, { address, spec: resolved }, standing, besides, isShut) ?? resolved;
  const drift = driftBetween(reconciler, want, standing.spec);
  if (drift.length === 0) return [];
  const doors = closing(reconciler.doors?.(want, standing, address) ?? [], isShut);
  const leansOn = [...referencesIn(cover.spec), ...(cover.needs ?? [])];
  return [
    {
      id: coverId(address),
      verb: 'update',
      reconciler,
      address,
      want,
      have: standing,
      drift,
      doors,
      needs: [],
      leansOn,
      reason: 'admits the probe of gates until the new gate has been checked',
    },
  ];
}

/**
 * True if a live object answers now for a part of the host that the cover takes, because somebody changed the object in the cover's
 * place: whom that admits would be new there.
 */
export function takesFromLive(
  known: Known,
  cover: DesiredObject,
  standing: Observed,
  besides: Pick<Besides, 'wantedOfKind' | 'prunes'>,
): boolean {
  const spec = coveringForm(known, cover, standing, besides);
  return (
    spec !== undefined && heirsOf(known, { ...standing, spec }, standing.spec as Linked<unknown>).length > 0
  );
}

/** The objects behind a cover, and their changes before and after the check. */
export interface Behind {
  /** Drafts of the plan by id, and their form under the cover; undefined: the object has it already. */
  readonly instead: ReadonlyMap<string, Draft | undefined>;
  /** Changes by which live objects demand the cover's token before the gate is touched. */
  readonly first: readonly Draft[];
  /** Changes that give each object the form that the file asks for. */
  readonly freed: readonly Draft[];
}

/**
 * Until the gate has been checked, the objects behind a cover demand a token that only the cover issues. An object that
 * matches the file and is not ours to change stays as it is.
 */
export function demandCover(
  known: Known,
  { host, cover, behind = [], because }: GateCheck,
  { attributes, wanted }: Pick<Besides, 'attributes' | 'wanted'>,
  adopt: boolean,
): Behind {
  const standing = cover === undefined ? undefined : ownAt(known, cover);
  const lookup: KnownAttributes = new Map(attributes);
  if (cover !== undefined && standing !== undefined)
    lookup.set(addressId(cover.address), standing.attributes);
  const instead = new Map<string, Draft | undefined>();
  const first: Draft[] = [];
  const freed: Draft[] = [];
  for (const object of behind) {
    const wantedDraft = wanted.get(addressId(object.address));
    const context = { adopt, staying: new Map(), attributes: lookup, used: () => false };
    const [draft] = draftOne(known, object, context);
    if (wantedDraft === undefined || wantedDraft.verb === 'refuse' || draft === undefined) continue;
    if (draft.verb === 'refuse') {
      if (wantedDraft.verb !== 'keep') instead.set(wantedDraft.id, draft);
      continue;
    }
    const reason = 'demands a token of the cover, until the gate has been checked';
    const demand = keepsOut(known, draft) ? undefined : demanded(draft, host, reason);
    if (demand !== undefined) first.push({ ...demand, because });
    const isAll =
      demand !== undefined && driftBetween(draft.reconciler, draft.want, demand.want).length === 0;
    const later = demand === undefined ? draft : { ...draft, needs: [...draft.needs, demand.id] };
    instead.set(wantedDraft.id, draft.verb === 'keep' || isAll ? undefined : later);
    const { have: _, ...base } = wantedDraft;
    freed.push({
      ...base,
      ...(draft.have && { have: draft.have }),
      id: uncoverId(object.address),
      verb: 'update',
      drift: driftBetween(wantedDraft.reconciler, wantedDraft.want, draft.want),
      doors: [{ host, step: 'unguard' }],
      needs: [],
      because,
      reason: 'demands no token of the cover any more: the gate has been checked',
    });
  }
  return { instead, first, freed };
}

/**
 * The form of a cover beside the other objects of its kind: our live ones, and those that the file asks for. In the place of a live object,
 * it covers nothing that falls to objects that the plan removes, or that they have: the next run, without them, would write it again.
 */
function coveringForm(
  known: Known,
  { address, spec }: Pick<DesiredObject, 'address' | 'spec'>,
  standing: Observed | undefined,
  { wantedOfKind, prunes }: Pick<Besides, 'wantedOfKind' | 'prunes'>,
  alone?: boolean,
): Linked<unknown> | undefined {
  const { gate } = reconcilerOf(known, address.kind);
  const isBeside = (other: Address) => other.key !== address.key;
  const lives = (known.byKind.get(address.kind) ?? []).filter(
    ({ address: at, owner }) => isBeside(at) && owner === known.owner,
  );
  const wants = (wantedOfKind.get(address.kind) ?? []).filter(({ address: at }) => isBeside(at));
  const specsOf = (objects: readonly Observed[]) => objects.map((have) => have.spec as Linked<unknown>);
  const others = wants.map(({ want }) => want as Linked<unknown>);
  if (standing === undefined) return gate?.covered?.(undefined, spec, [...specsOf(lives), ...others]);
  const staying = lives.filter(({ id }) => !prunes.has(id));
  const going = lives.filter(({ id }) => prunes.has(id));
  const form = gate?.covered?.(standing, spec, [...specsOf(staying), ...others], alone);
  return form && ((gate?.released?.({ ...standing, spec: form }, specsOf(going)) as typeof form) ?? form);
}

/**
 * An object that admits only the probe comes before the gate is touched, and may guard nothing until then. With
 * `isShut`, so does one that admitted people.
 */
function closing(doors: readonly DoorEffect[], isShut = false): readonly DoorEffect[] {
  return doors.map((effect) =>
    effect.step === 'guard' || (isShut && effect.step === 'change') ? { ...effect, step: 'close' } : effect,
  );
}

/** Turns the cover, found by its address if this plan makes it, into the object that the file asks for there. */
export function becoming(
  draft: Draft,
  host: string,
  { standing, alone }: { readonly standing: Observed | undefined; readonly alone: boolean },
): Draft {
  if (draft.verb === 'refuse') return draft;
  const { address, want } = draft;
  const { have: _, ...base } = draft;
  return {
    ...base,
    id: uncoverId(address),
    verb: 'update',
    drift: Object.keys(want as object),
    // Everybody whom the object admits: more than the probe alone.
    doors: [{ host, step: 'unguard', ...(alone && { cover: true }) }],
    ...(standing && { have: standing }),
    reason: 'replaces the cover: the gate has been checked',
  };
}

export interface Cover {
  readonly cover: DesiredObject;
  readonly standing?: Observed | undefined;
}

/** The drafts, in which whatever a new cover depends on is removed after the cover, if the file does not ask for it. */
export function withReleasedLast(drafts: readonly Draft[]): readonly Draft[] {
  const ids = new Set(drafts.map(({ id }) => id));
  const covers = drafts.filter(({ id, address }) => id === coverId(address) && ids.has(uncoverId(address)));
  if (covers.length === 0) return drafts;
  return drafts.map((draft) => {
    if (draft.verb !== 'prune') return draft;
    const needing = covers.filter(({ leansOn }) => leansOn?.includes(addressId(draft.address)));
    return { ...draft, needs: [...draft.needs, ...needing.map(({ address }) => uncoverId(address))] };
  });
}

/** Removes the cover. A cover that this plan makes is found by its address at that point. */
export function uncovering(
  known: Known,
  { host, because }: GateCheck,
  { cover: { address }, standing }: Cover,
): Draft {
  return {
    id: draftId('prune', { address, ...(standing && { have: standing }) }),
    verb: 'prune',
    reconciler: reconcilerOf(known, address.kind),
    address,
    ...(standing && { have: standing }),
    drift: [],
    doors: [{ host, step: 'unguard', cover: true }],
    needs: [],
    because,
    reason: 'the cover: the gate has been checked',
  };
}

export function ownAt(known: Known, { address }: Pick<DesiredObject, 'address'>): Observed | undefined {
  return known.byAddress.get(addressId(address))?.find(({ owner }) => owner === known.owner);
}

/** True for a cover that an earlier run left, false for a gate of its own. */
export function admitsOnlyProbe(
  known: Known,
  { address, spec }: DesiredObject,
  standing: Pick<Observed, 'spec'>,
  attributes: Pick<KnownAttributes, 'get'>,
): boolean {
  const resolved = resolve(spec, (id) => attributes.get(id)) as object;
  const { gate } = reconcilerOf(known, address.kind);
  return (
    gate?.isCover?.(standing.spec, resolved) ??
    differingFields(resolved, standing.spec as object).length === 0
  );
}

export function reconcilerOf(known: Known, kind: GateCheck['address']['kind']): AnyReconciler {
  const reconciler = known.reconcilers.get(kind);
  if (reconciler === undefined) {
    throw new UnsafeError('No reconciler knows this kind', { facts: { detail: kind } });
  }
  return reconciler;
}
