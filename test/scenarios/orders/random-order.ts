import fc from 'fast-check';
import { type Change, type NeedReason, type Plan, phases } from '../../../src/core/change.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import type { Exposure } from '../../../src/lab/sandbox/index.ts';

/** The needs that the API itself demands. */
const demanded: ReadonlySet<NeedReason> = new Set(['reference', 'use', 'series']);

/**
 * The plan with a random phase for each change, without the needs that only the planner wants: for its order at a host,
 * and for the parts of an object. The changes of one object stay in their order: the last one says how it ends.
 */
export function shuffled({ changes, ...plan }: Plan, seed: number): Plan {
  const drawn = fc.sample(fc.constantFrom(...phases), { numRuns: changes.length, seed });
  const addresses = new Map(changes.map(({ id, address }) => [id, addressId(address)]));
  return {
    ...plan,
    changes: changes.map(({ needs, needReasons: reasons = [], ...change }, index): Change => {
      const kept = needs.filter(
        (need, place) =>
          demanded.has(reasons[place] ?? 'reference') || addresses.get(need) === addressId(change.address),
      );
      return { ...change, phase: drawn[index] ?? change.phase, needs: kept };
    }),
  };
}

/** True for a line of `unfinished` about the interlock. */
export function isHeldBack(change: string): boolean {
  return change.includes('would let somebody in');
}

/** True for a copy: the interlock does not distinguish copies of a host by path (decision 35). */
export function isCopy({ principal }: Exposure): boolean {
  return principal.endsWith('from the cache');
}
