import { addressId } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import { unprotecting } from '../core/objects/protection.ts';
import { type Draft, refused } from './draft.ts';
import type { Known } from './known.ts';

/**
 * Refuses to remove protected objects, whatever limits are lifted: those that carry a mark, and the parts of those.
 *
 * | protected object                                          | decision                                    |
 * | --------------------------------------------------------- | ------------------------------------------- |
 * | the file asks for the carrier of the mark                 | the removal is a change of an entry: allowed |
 * | a record to whose name the file leads a service           | allowed: the name gets a gate                |
 * | unfinished business of an earlier run                     | allowed: what replaces it exists             |
 * | a part of a carrier that stays                            | keep                                        |
 * | the carrier itself                                        | refuse                                      |
 */
export function keepProtected(known: Known, prunes: readonly Draft[]): Draft[] {
  return prunes.flatMap((draft) => {
    const { have } = draft;
    const { protection } = have ?? {};
    if (draft.verb !== 'prune' || have === undefined || protection === undefined) return [draft];
    const { entry, carrier } = protection;
    if (known.wanted.has(carrier) || have.unfinished === true || givesWay(known, have)) return [draft];
    if (carrier !== addressId(have.address)) return [];
    const reason = `the file no longer has this ${entry}, and it is protected: ${unprotecting}`;
    return [refused({ ...draft, needs: [] }, reason)];
  });
}

/** True for a record in whose place the file has a host with a route, and so with a gate. */
function givesWay(known: Known, have: Observed): boolean {
  const { obstacle } = known.reconcilers.get(have.address.kind) ?? {};
  return [...known.wanted.values()].some(({ address, spec, mustExist }) => {
    const isInPlace = address.kind === have.address.kind && obstacle?.(spec, address, [have]) !== undefined;
    return isInPlace && mustExist === undefined;
  });
}
