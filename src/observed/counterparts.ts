import { type AddressId, addressId, type Kind } from '../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../core/objects/object.ts';
import {
  type AttributeLookup,
  isReference,
  type Reference,
  referencesIn,
  resolve,
} from '../core/objects/reference.ts';
import type { AnyReconciler } from '../core/reconciler.ts';

/**
 * The observations of a run that adopts: an unmarked object that does what a wanted object is to do gets the address of
 * that object, whatever it is called. Planner, invariants and interlock then see one object, and not two
 * ([decision 41](../../docs/decisions/0041-adopt-finishes.md)).
 */
export function withCounterparts(
  objects: readonly DesiredObject[],
  observed: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
): readonly Observation[] {
  const counterparts = new Counterparts(objects, observed, reconcilers);
  counterparts.findAll();
  return observed.map((observation) =>
    observation.state === 'known'
      ? { ...observation, objects: observation.objects.map((have) => counterparts.renamed(have)) }
      : observation,
  );
}

/** The wanted objects and the live objects that do the same. */
class Counterparts {
  readonly #wanted: ReadonlyMap<AddressId, DesiredObject>;
  readonly #reconcilers: ReadonlyMap<Kind, AnyReconciler>;
  readonly #byKind: ReadonlyMap<Kind, readonly Observed[]>;
  /** The live object of each wanted one: at its address, or recognized. */
  readonly #found = new Map<AddressId, Observed>();
  /** The wanted objects, by the live ones that are theirs. */
  readonly #taken = new Map<Observed, DesiredObject>();

  constructor(
    objects: readonly DesiredObject[],
    observed: readonly Observation[],
    reconcilers: readonly AnyReconciler[],
  ) {
    this.#wanted = new Map(objects.map((want) => [addressId(want.address), want]));
    this.#reconcilers = new Map(reconcilers.map((reconciler) => [reconciler.kind, reconciler]));
    const known = observed.flatMap((each) => (each.state === 'known' ? [each] : []));
    this.#byKind = new Map(known.map(({ kind, objects: live }) => [kind, live]));
    for (const have of known.flatMap(({ objects: live }) => live)) {
      const want = this.#wanted.get(addressId(have.address));
      if (want !== undefined) this.#take(want, have);
    }
  }

  /** Each object that is found may show others: those that it refers to, and those that refer to it. */
  findAll(): void {
    for (let before = -1; before !== this.#taken.size; ) {
      before = this.#taken.size;
      for (const [id, want] of this.#wanted) {
        const have = this.#found.get(id);
        if (have === undefined) this.#recognize(want);
        else this.#follow(want.spec, have.spec, have);
      }
    }
  }

  renamed(have: Observed): Observed {
    const { address } = this.#taken.get(have) ?? have;
    return address.key === have.address.key ? have : { ...have, address, foundAs: have.address.key };
  }

  #take(want: DesiredObject, have: Observed): void {
    this.#found.set(addressId(want.address), this.#found.get(addressId(want.address)) ?? have);
    this.#taken.set(have, want);
  }

  /** If several objects would do, nobody knows which one a person means. */
  #recognize(want: DesiredObject): void {
    const recognizes = this.#reconcilers.get(want.address.kind)?.siblings?.recognizes;
    if (recognizes === undefined) return;
    const spec = resolve(want.spec, this.#lookup);
    const [only, ...others] = this.#unmarked(want.address.kind).filter((have) => recognizes(spec, have));
    if (only !== undefined && others.length === 0) this.#take(want, only);
  }

  /** The live object refers to the counterparts of the objects to which the wanted one refers. */
  #follow(want: unknown, live: unknown, from: Observed): void {
    if (isReference(want)) this.#takeTarget(want, live, from);
    else if (Array.isArray(want) && Array.isArray(live))
      for (const [index, item] of want.entries()) this.#follow(item, live[index], from);
    else if (typeof want === 'object' && want !== null && typeof live === 'object' && live !== null)
      for (const [field, item] of Object.entries(want))
        this.#follow(item, (live as Record<string, unknown>)[field], from);
  }

  #takeTarget({ $ref, template }: Reference, id: unknown, from: Observed): void {
    const target = this.#wanted.get($ref);
    if (target === undefined || template !== '{id}' || this.#found.has($ref)) return;
    const have = this.#unmarked(target.address.kind).find(({ attributes }) => attributes.id === id);
    if (have !== undefined && !this.#isShared(have, from, $ref)) this.#take(target, have);
  }

  /**
   * True if another object of the same kind needs it too, of which the file does not ask the same: a change for this one
   * would change that one.
   */
  #isShared(have: Observed, by: Observed, target: AddressId): boolean {
    const others = this.#byKind.get(by.address.kind) ?? [];
    return others.some(
      (other) =>
        other !== by &&
        other.uses.includes(have.id) &&
        !referencesIn(this.#taken.get(other)?.spec).includes(target),
    );
  }

  #unmarked(kind: Kind): readonly Observed[] {
    return (this.#byKind.get(kind) ?? []).filter(
      (have) => have.owner === undefined && !this.#taken.has(have),
    );
  }

  readonly #lookup: AttributeLookup = (id) => this.#found.get(id)?.attributes;
}
