import { UnsafeError } from '../../core/errors.ts';
import { type AddressId, addressId, type Kind, parseAddressId } from '../../core/objects/address.ts';
import { differingFields } from '../../core/objects/equal.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { DesiredObject, Observed } from '../../core/objects/object.ts';
import { waitsForQuota } from '../../core/objects/quota.ts';
import { type AttributeLookup, type Linked, referencesIn, resolve } from '../../core/objects/reference.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import { type Draft, draftId } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import { type Decision, decide } from './decide.ts';

/** Attributes of live objects that the run does not change; references to these objects can be resolved now. */
export type KnownAttributes = Map<AddressId, Readonly<Record<string, string>>>;

/** Drafts for everything that the file asks for, in the order of references, and the attributes known now. */
export function draftWanted(
  known: Known,
  { adopt, leaves }: { readonly adopt: boolean; readonly leaves: (have: Observed) => boolean },
): { drafts: readonly Draft[]; attributes: KnownAttributes } {
  const attributes: KnownAttributes = new Map();
  const drafts: Draft[] = [];
  const leftovers = known.objects.filter(
    (have) => have.owner === known.owner && !known.wanted.has(addressId(have.address)) && !leaves(have),
  );
  const staying = grouped(leftovers, ({ address }) => address.kind);
  for (const want of inReferenceOrder(known)) {
    const used = (have: Observed) => known.usersOf.has(have.id);
    drafts.push(...draftOne(known, want, { adopt, staying, attributes, used }));
  }
  return { drafts, attributes };
}

export interface DraftContext {
  readonly adopt: boolean;
  /** Objects of ours that the file does not ask for and that stay, by kind: they keep everything that they have. */
  readonly staying: ReadonlyMap<Kind, readonly Observed[]>;
  readonly attributes: KnownAttributes;
  readonly used: (have: Observed) => boolean;
}

/** Drafts for one wanted object: the decision about it, and the removal of its duplicates. */
export function draftOne(known: Known, want: DesiredObject, context: DraftContext): readonly Draft[] {
  const { address } = want;
  const reconciler = known.reconcilers.get(address.kind);
  if (reconciler === undefined)
    throw new UnsafeError('No reconciler knows this kind', { facts: { address: addressId(address) } });
  const lookup: AttributeLookup = (id) => context.attributes.get(id);
  const asked = resolve(want.spec, lookup);
  const resolved = withoutTheirs(reconciler, asked, context.staying) ?? asked;
  const leansOn = [...referencesIn(want.spec), ...(want.needs ?? [])];
  const base = { reconciler, address, want: resolved, because: want.because, leansOn };
  if (known.unknown.has(address.kind)) return [unreadDraft(known, base, address.kind)];
  const siblings = known.byKind.get(address.kind) ?? [];
  const { fields, unknownFields } = knownFields(resolved);
  const decided = decide({
    reconciler,
    want,
    known: fields,
    unknownFields,
    haves: known.byAddress.get(addressId(address)) ?? [],
    siblings,
    owner: known.owner,
    adopt: context.adopt,
    used: context.used,
  });
  const decision = withinQuota(known, base, decided);
  // The change could not be made, so the host that it would open must not be covered for it.
  const unread = referencesIn(resolved)
    .map((id) => parseAddressId(id).kind)
    .find((kind) => known.unknown.has(kind));
  if (unread !== undefined && decision.verb !== 'keep' && decision.verb !== 'refuse') {
    return [unreadDraft(known, base, unread)];
  }
  if (decision.have !== undefined && decision.verb !== 'replace') {
    context.attributes.set(addressId(address), decision.have.attributes);
  }
  const draft = draftOf(known, base, decision);
  const twins = decision.duplicates.map((have) => {
    const isEqual =
      (reconciler.drift?.(fields, have.spec) ?? differingFields(fields, have.spec as object)).length === 0;
    return isEqual ? duplicateOf(base, have) : unlikeOf(known, draft, have);
  });
  return [draft, ...twins];
}

/** Refuses an object that a quota refused in an earlier run, until something suggests that there is room. */
function withinQuota({ full }: Known, { reconciler, want }: Base, decision: Decision): Decision {
  if (decision.verb !== 'create' && decision.verb !== 'replace') return decision;
  const name = reconciler.words?.quota?.(want) ?? '';
  const quota = full.get(name);
  if (quota === undefined) return decision;
  return { ...decision, verb: 'refuse', duplicates: [], reason: waitsForQuota(name, quota) };
}

/** The spec without what our leftover objects, which stay, have; for kinds in which nothing belongs to two. */
function withoutTheirs(
  { kind, gate }: AnyReconciler,
  want: Linked<unknown>,
  staying: DraftContext['staying'],
): Linked<unknown> | undefined {
  const theirs = (staying.get(kind) ?? []).map(({ spec }) => spec);
  return gate?.released?.({ spec: want } as Observed, theirs);
}

type Base = Pick<Draft, 'reconciler' | 'address' | 'want' | 'because' | 'leansOn'>;

/** A refusal, because a kind that the object belongs to or refers to could not be read. Unknown is not absent. */
function unreadDraft(known: Known, base: Base, kind: Kind): Draft {
  const { reconciler, address, want } = base;
  return {
    ...base,
    id: draftId('refuse', { address }),
    verb: 'refuse',
    drift: [],
    doors: reconciler.doors?.(want, undefined, address) ?? [],
    needs: [],
    reason: `live objects of kind ${kind} could not be read: ${known.unknown.get(kind)}`,
  };
}

function draftOf({ owner }: Known, base: Base, { verb, have, drift, reason }: Decision): Draft {
  const { reconciler, address, want } = base;
  const id = draftId(verb, have === undefined ? { address } : { address, have });
  // One that gates does not use is no part of the gate, so what the host is to have waits for it.
  const isUnused = verb === 'refuse' && reconciler.traits?.hasParts === true && have?.owner !== owner;
  const standing = isUnused ? undefined : have;
  const doors = verb === 'keep' ? [] : (reconciler.doors?.(want, standing, address) ?? []);
  const draft: Draft = { ...base, id, verb, drift, doors, needs: [] };
  // Most of thousands of drafts have no more than these: copying what may be absent takes ten times as long.
  const found = have === undefined ? draft : { ...draft, have };
  return reason === undefined ? found : { ...found, reason };
}

/** An equal duplicate opens and guards nothing that the kept one does not, so removing it touches no door. */
function duplicateOf({ reconciler, address }: Base, have: Observed): Draft {
  const reason = 'the same object exists several times: one is kept';
  return {
    id: draftId('prune', { address, have }),
    verb: 'prune',
    reconciler,
    address,
    have,
    drift: [],
    doors: [],
    needs: [],
    reason,
  };
}

/** A copy that differs may affect other doors than the kept one: it is removed like any leftover object. */
function unlikeOf(known: Known, keptDraft: Draft, have: Observed): Draft {
  const needs = keptDraft.verb === 'keep' ? [] : [keptDraft.id];
  return { ...duplicateOf(keptDraft, have), doors: standingDoors(known, have), needs };
}

/** Splits a spec into the fields that are known now and the names of those that wait for a reference. */
function knownFields(resolved: unknown): { fields: object; unknownFields: readonly string[] } {
  const fields: Record<string, unknown> = {};
  const unknownFields: string[] = [];
  for (const [field, value] of Object.entries(resolved as object)) {
    if (value === undefined) continue;
    if (referencesIn(value).length > 0) unknownFields.push(field);
    else fields[field] = value;
  }
  return { fields, unknownFields };
}

/** Referenced objects before those that refer to them; otherwise by kind and key, whatever the file's order. */
function inReferenceOrder(known: Known): readonly DesiredObject[] {
  const sorted: DesiredObject[] = [];
  const state = new Map<AddressId, 'visiting' | 'done'>();
  const visit = (id: AddressId): void => {
    const want = known.wanted.get(id);
    if (want === undefined || state.get(id) === 'done') return;
    if (state.get(id) === 'visiting')
      throw new UnsafeError('Desired objects refer to each other in a circle', { facts: { address: id } });
    state.set(id, 'visiting');
    for (const target of [...referencesIn(want.spec), ...(want.needs ?? [])].sort()) visit(target);
    state.set(id, 'done');
    sorted.push(want);
  };
  for (const id of [...known.wanted.keys()].sort()) visit(id);
  return sorted;
}
