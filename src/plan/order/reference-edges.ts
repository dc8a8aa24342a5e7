import { type AddressId, addressId } from '../../core/objects/address.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Draft } from '../drafts/draft.ts';
import { comesBeforePart } from './login-edges.ts';
import type { NeedEdge } from './need-edge.ts';

/** Only objects that are made, or cannot be made, come first: an existing object can be referred to at once. */
export function* referenceEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  const makers = new Map<AddressId, string>();
  for (const draft of drafts) {
    if (draft.want !== undefined && ['create', 'replace', 'refuse'].includes(draft.verb)) {
      makers.set(addressId(draft.address), draft.id);
    }
  }
  for (const draft of drafts) {
    for (const target of draft.leansOn ?? []) {
      const maker = makers.get(target);
      if (maker !== undefined && !comesBeforePart(draft, target)) yield [draft.id, maker, 'reference'];
    }
  }
}

export function* useEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  const removals = new Map<string, string>();
  for (const draft of drafts) {
    if (draft.verb === 'prune' && draft.have !== undefined) removals.set(draft.have.id, draft.id);
  }
  for (const draft of drafts) {
    for (const used of draft.have?.uses ?? []) {
      const removal = removals.get(used);
      if (removal !== undefined) yield [removal, draft.id, 'use'];
    }
  }
  const going = new Map(
    drafts.flatMap(({ id, verb, address }) => (verb === 'prune' ? [[addressId(address), id] as const] : [])),
  );
  const coming = new Map(
    drafts.flatMap(({ id, verb, address }) => (verb === 'create' ? [[addressId(address), id] as const] : [])),
  );
  for (const { id, verb, have } of drafts) {
    const isMended = verb === 'prune' || verb === 'update';
    const whole = isMended && have?.partOf !== undefined ? coming.get(have.partOf) : undefined;
    if (whole !== undefined) yield [whole, id, 'part'];
  }
  yield* obstacleEdges(drafts);
  for (const { id, verb, have } of drafts) {
    for (const outlived of (verb === 'prune' ? have?.outlives : undefined) ?? []) {
      const removal = going.get(outlived);
      if (removal !== undefined) yield [id, removal, 'outlasts'];
    }
  }
}

/**
 * An object that excludes a new one is removed before it: a delegation before an alias of the same name. If both have doors, the
 * order of the doors decides, and one write may exchange them.
 */
function* obstacleEdges(drafts: readonly Draft[]): Generator<NeedEdge> {
  const going = grouped(
    drafts.filter(({ verb, have }) => verb === 'prune' && have !== undefined),
    ({ address }) => address.kind,
  );
  for (const { id, verb, reconciler, address, want, doors } of drafts) {
    const obstacle = verb === 'create' ? reconciler.siblings?.obstacle : undefined;
    const removals = going.get(address.kind) ?? [];
    const isInPlace = (those: readonly Draft[]) =>
      obstacle?.(
        want,
        address,
        those.flatMap(({ have }) => have ?? []),
      ) !== undefined;
    if (removals.length === 0 || !isInPlace(removals)) continue;
    for (const removal of removals) {
      const isApart = doors.length === 0 || removal.doors.length === 0;
      if (isApart && isInPlace([removal])) yield [id, removal.id, 'series'];
    }
  }
}
