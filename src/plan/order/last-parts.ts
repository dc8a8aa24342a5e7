import { addressId } from '../../core/objects/address.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Ordered } from './order.ts';

/**
 * The refused draft for which the removals of a login's last parts have to wait, by the removal's id: if all parts that the file asks for
 * wait for it, the login would admit everybody without those that it has. `refusedBy`: what each draft waits for.
 */
export function lastParts(
  ordered: readonly Ordered[],
  refusedBy: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const drafts = ordered.map(({ draft }) => draft);
  const parts = grouped(drafts, ({ have }) => have?.partOf);
  const made = new Map(
    drafts.flatMap((draft) => (draft.have === undefined ? [[addressId(draft.address), draft.id]] : [])),
  );
  return new Map(
    drafts.flatMap(({ address, have, want, leansOn = [] }) => {
      const own = have === undefined || want === undefined ? [] : (parts.get(addressId(address)) ?? []);
      const refusals = leansOn.flatMap((part) => made.get(part) ?? []).map((id) => refusedBy.get(id));
      const [refusal] = refusals;
      const isLast = own.every(({ verb }) => verb === 'prune') && !refusals.includes(undefined);
      if (refusal === undefined || !isLast) return [];
      return own.flatMap(({ id }) => (refusedBy.has(id) ? [] : [[id, [refusal]] as const]));
    }),
  );
}
