import { type AddressId, addressId, type Kind } from '../../core/objects/address.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { Draft } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';

/** A live object of ours that the file does not ask for, and by which others have more people (`LoginEffects.enlargement`). */
export interface LeftoverEnlargement {
  readonly have: Observed;
  /** The kinds of what may admit them. */
  readonly kinds: readonly Kind[];
  /** The objects that have more people by it, by their ids. */
  readonly enlarged: ReadonlySet<string>;
  readonly addresses: ReadonlySet<AddressId>;
}

export function leftoverEnlargements(known: Known): readonly LeftoverEnlargement[] {
  return known.objects.flatMap((have): readonly LeftoverEnlargement[] => {
    const { address, owner, spec } = have;
    const { enlargement, enlarges: kinds = [] } = known.reconcilers.get(address.kind)?.login ?? {};
    const isLeft = owner === known.owner && !known.wanted.has(addressId(address));
    if (enlargement === undefined || !isLeft) return [];
    const all = (known.byKind.get(address.kind) ?? []).map((other) => enlargement(other.spec));
    const enlarged = new Set([enlargement(spec).of]);
    for (const id of enlarged) for (const { of, by } of all) if (by === id) enlarged.add(of);
    const addresses = known.objects
      .filter(({ id }) => enlarged.has(id))
      .map((each) => addressId(each.address));
    return [{ have, kinds, enlarged, addresses: new Set(addresses) }];
  });
}

/**
 * True if a draft comes to admit what a leftover enlarges, such as the binding of a group in which another group still lies, or
 * enlarges more by it.
 */
export function admitsMoreBy(
  { have, kinds, enlarged, addresses }: LeftoverEnlargement,
  draft: Draft,
): boolean {
  const { verb, reconciler, want, have: live, leansOn = [] } = draft;
  if (want === undefined || (verb !== 'create' && verb !== 'update')) return false;
  if (reconciler.kind === have.address.kind)
    return verb === 'create' && enlarged.has(String(reconciler.login?.enlargement?.(want).by));
  const before = live === undefined ? [] : (reconciler.login?.admitsByName?.(live.spec) ?? []);
  const named = (reconciler.login?.admitsByName?.(want) ?? []).filter((id) => !before.includes(id));
  const admitted = verb === 'create' ? [...leansOn, ...named] : named;
  return kinds.includes(reconciler.kind) && admitted.some((id) => addresses.has(id));
}
