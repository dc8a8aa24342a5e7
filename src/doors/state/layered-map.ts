/** Changes that a map carries beside its base before it gets a base of its own: enough that copying them costs little. */
const mostChanges = 256;

/** A map that never changes. A changed copy shares its base, so a run can keep a state for each of its steps. */
export class LayeredMap<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  /** Undefined: the base has an entry that the map lacks. */
  readonly #changes: ReadonlyMap<K, V | undefined>;

  constructor(base: ReadonlyMap<K, V> = new Map(), changes: ReadonlyMap<K, V | undefined> = new Map()) {
    this.#base = base;
    this.#changes = changes;
  }

  get(key: K): V | undefined {
    const changed = this.#changes.get(key);
    return changed === undefined && !this.#changes.has(key) ? this.#base.get(key) : changed;
  }

  /** The same map with other values; undefined removes an entry. */
  with(changed: ReadonlyMap<K, V | undefined>): LayeredMap<K, V> {
    const changes = new Map([...this.#changes, ...changed]);
    const next = new LayeredMap(this.#base, changes);
    return changes.size <= mostChanges ? next : new LayeredMap(new Map(next.entries()));
  }

  entries(): readonly (readonly [K, V])[] {
    const kept = [...this.#base].filter(([key]) => !this.#changes.has(key));
    const changed = [...this.#changes].flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    );
    return [...kept, ...changed];
  }
}

/** Changes that are being made to a layered map. */
export class MapChanges<K, V> {
  readonly #before: LayeredMap<K, V>;
  readonly #changes = new Map<K, V | undefined>();

  constructor(before: LayeredMap<K, V>) {
    this.#before = before;
  }

  get(key: K): V | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#before.get(key);
  }

  set(key: K, value: V | undefined): void {
    this.#changes.set(key, value);
  }

  done(): LayeredMap<K, V> {
    return this.#before.with(this.#changes);
  }
}
