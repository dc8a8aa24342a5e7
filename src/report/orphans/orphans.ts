import type { Plan } from '../../core/change.ts';
import { addressId, type Kind } from '../../core/objects/address.ts';
import { isAtHost } from '../../core/objects/door.ts';
import type { Desired, Observation, Observed } from '../../core/objects/object.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';

/** One file: its objects, the live ones as its owner sees them, and its plan. */
export interface OwnedFile {
  readonly file: string;
  /** Name of the account, if the file has several: each is listed for itself. */
  readonly account?: string;
  /** The objects from the file alone. */
  readonly asked: Desired;
  /** The same, adapted to the live objects. */
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly plan: Pick<Plan, 'changes'>;
}

/** The document of `gates plan --orphans --output json`. */
export interface OrphansDocument {
  readonly version: 1;
  /** Sorted by name; owners without orphans are left out. */
  readonly owners: readonly OwnerOrphans[];
  /** Kinds that could not be read: they may have more. */
  readonly unknown: readonly UnknownKind[];
}

export interface UnknownKind {
  readonly kind: Kind;
  /** Name of the account, in a file with several. */
  readonly account?: string;
  readonly reason: string;
}

export interface OwnerOrphans {
  readonly owner: string;
  /** The file of this owner; absent if none was given, so that all its objects are listed. */
  readonly file?: string;
  /** Name of the account in this file, if it has several. */
  readonly account?: string;
  readonly objects: readonly Orphan[];
}

/** A live object with the mark of an owner that no given file of this owner names. */
export interface Orphan {
  readonly kind: Kind;
  readonly key: string;
  readonly id: string;
  /** RFC 3339; absent if the API does not say. */
  readonly createdAt?: string;
  /** The action of the next run of the owner. Absent if the owner has no file here. */
  readonly next?: 'removed' | 'refused' | 'kept';
  /** The reason why it is refused or kept. */
  readonly reason?: string;
}

/** The orphans of all owners that the systems of the files show. The first file is the one of the command. */
export function orphansDocument(
  files: readonly OwnedFile[],
  reconcilers: readonly AnyReconciler[],
): OrphansDocument {
  const marked = new Map(
    reconcilers.flatMap((each) =>
      each.write === undefined || each.traits?.unmarked ? [] : [[each.kind, each]],
    ),
  );
  const own = files.map((file) => ({
    owner: file.desired.scope.owner,
    file: file.file,
    ...accountOf(file),
    objects: ownOrphans(file, marked),
  }));
  const named = new Set(own.map(({ owner }) => owner));
  const others = new Map<string, Map<string, Orphan>>();
  for (const { kind, object } of files.flatMap(({ observed }) => objectsIn(observed))) {
    const { owner } = object;
    if (owner === undefined || named.has(owner) || !marked.has(kind)) continue;
    const found = others.get(owner) ?? new Map<string, Orphan>();
    found.set(`${kind} ${object.id}`, orphanOf(object));
    others.set(owner, found);
  }
  const all = [...own, ...[...others].map(([owner, found]) => ({ owner, objects: [...found.values()] }))];
  return {
    version: 1,
    owners: all
      .filter(({ objects }) => objects.length > 0)
      .sort((left, right) => left.owner.localeCompare(right.owner))
      .map((each) => ({ ...each, objects: [...each.objects].sort(byAddress) })),
    unknown: unknownIn(files),
  };
}

/** Our objects that the file does not name: neither as they are, nor as those of a refused service. */
function ownOrphans(
  { asked, desired, observed, plan }: OwnedFile,
  marked: ReadonlyMap<Kind, AnyReconciler>,
): readonly Orphan[] {
  const wanted = new Set([...asked.objects, ...desired.objects].map(({ address }) => addressId(address)));
  const refused = desired.refusals.flatMap(({ service, host }) => (service === undefined ? [] : [host]));
  const isOfRefused = ({ address, ...have }: Observed) => {
    const doors = marked.get(address.kind)?.doors?.(undefined, { address, ...have }, address) ?? [];
    return refused.some(
      (host) => address.key.includes(host) || doors.some((effect) => isAtHost(effect.host, host)),
    );
  };
  return objectsIn(observed).flatMap(({ kind, object }) => {
    const isNamed = wanted.has(addressId(object.address)) || isOfRefused(object);
    if (object.owner !== desired.scope.owner || !marked.has(kind) || isNamed) return [];
    return [{ ...orphanOf(object), ...fateOf(object, plan) }];
  });
}

function fateOf(
  { id, staysBecause }: Observed,
  { changes }: OwnedFile['plan'],
): Pick<Orphan, 'next' | 'reason'> {
  const change = changes.find(({ have, verb }) => have?.id === id && (verb === 'prune' || verb === 'refuse'));
  if (change?.verb === 'prune') return { next: 'removed' };
  const reason = change?.reason ?? staysBecause;
  return { next: change === undefined ? 'kept' : 'refused', ...(reason !== undefined && { reason }) };
}

function orphanOf({ address: { kind, key }, id, createdAt }: Observed): Orphan {
  return { kind, key, id, ...(createdAt !== undefined && { createdAt }) };
}

function objectsIn(
  observed: readonly Observation[],
): readonly { readonly kind: Kind; readonly object: Observed }[] {
  return observed.flatMap((each) =>
    each.state === 'known' ? each.objects.map((object) => ({ kind: each.kind, object })) : [],
  );
}

function unknownIn(files: readonly OwnedFile[]): readonly UnknownKind[] {
  const found = new Map<string, UnknownKind>();
  for (const file of files) {
    for (const each of file.observed) {
      if (each.state !== 'unknown') continue;
      const { kind, error } = each;
      found.set(`${kind} ${file.account}`, { kind, ...accountOf(file), reason: error.message });
    }
  }
  return [...found.values()];
}

function accountOf({ account }: OwnedFile): { readonly account?: string } {
  return account === undefined ? {} : { account };
}

function byAddress(left: Orphan, right: Orphan): number {
  return addressId(left).localeCompare(addressId(right)) || left.id.localeCompare(right.id);
}
