import { type AddressId, addressId, type Kind } from '../../core/objects/address.ts';
import type { Draft } from './draft.ts';

/** The objects that drafts make, or make answer elsewhere as a new one would. */
export function madeAnew(drafts: readonly Draft[]): ReadonlySet<AddressId> {
  const newDrafts = drafts.filter(
    (draft) =>
      draft.verb === 'create' ||
      draft.verb === 'replace' ||
      draft.doors.some(
        ({ anew, host }) => anew === true || (anew === 'elsewhere' && changesLogin(host, draft, drafts)),
      ),
  );
  return new Set(newDrafts.map(({ address }) => addressId(address)));
}

/** True if another draft concerns a login at the host. */
function changesLogin(host: string, draft: Draft, drafts: readonly Draft[]): boolean {
  return drafts.some(
    (other) =>
      other !== draft &&
      other.reconciler.login !== undefined &&
      other.doors.some((effect) => effect.host === host),
  );
}

/** The draft of each object that the file asks for, by the address of the object. */
export function wantedIn(drafts: readonly Draft[]): ReadonlyMap<AddressId, Draft> {
  return new Map(
    drafts.flatMap((draft) => (draft.want === undefined ? [] : [[addressId(draft.address), draft] as const])),
  );
}

/** The same by the kind of the object. */
export function wantedByKind(drafts: readonly Draft[]): ReadonlyMap<Kind, readonly Draft[]> {
  const found = new Map<Kind, Draft[]>();
  for (const draft of drafts) {
    const { kind } = draft.address;
    const others = found.get(kind);
    if (draft.want === undefined) continue;
    if (others === undefined) found.set(kind, [draft]);
    else others.push(draft);
  }
  return found;
}

/** Removals, by the id of the removed object. */
export function prunesOf(drafts: readonly Draft[]): ReadonlyMap<string, Draft> {
  return new Map(
    drafts.flatMap((draft) =>
      draft.verb === 'prune' && draft.have !== undefined ? [[draft.have.id, draft] as const] : [],
    ),
  );
}
