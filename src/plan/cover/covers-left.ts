import { type AddressId, addressId, parseAddressId } from '../../core/objects/address.ts';
import type { GateCheck, Observed } from '../../core/objects/object.ts';
import type { Known } from '../drafts/known.ts';
import { admitsOnlyProbe, type Besides, type Cover, ownAt } from './cover.ts';

/**
 * The covers that earlier runs have left, and the gates with these ids, which become covers, with their hosts. They go, whatever stays
 * because pruning is off.
 */
export function standingCovers(
  known: Known,
  proofs: readonly GateCheck[],
  going: ReadonlySet<string>,
): ReadonlyMap<Observed, string> {
  const live = { get: (id: AddressId) => ownAt(known, { address: parseAddressId(id) })?.attributes };
  return new Map(
    proofs.flatMap(({ host, cover }) => {
      const standing = cover && ownAt(known, cover);
      if (cover === undefined || standing === undefined) return [];
      const goes = going.has(standing.id) || admitsOnlyProbe(known, cover, standing, live);
      return goes ? [[standing, host] as const] : [];
    }),
  );
}

/** A cover that an earlier run left and that nothing else in the plan removes, because pruning is off. */
export function coverLeft(
  known: Known,
  { cover }: GateCheck,
  { attributes, prunes, wanted }: Besides,
): Cover | undefined {
  const standing = cover === undefined ? undefined : ownAt(known, cover);
  if (cover === undefined || standing === undefined) return undefined;
  if (prunes.has(standing.id) || wanted.has(addressId(cover.address))) return undefined;
  return admitsOnlyProbe(known, cover, standing, attributes) ? { cover, standing } : undefined;
}
