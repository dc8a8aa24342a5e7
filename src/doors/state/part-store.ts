import type { Part } from '../../core/objects/part.ts';
import { LayeredMap, MapChanges } from './layered-map.ts';
import { placeOf, placesOf } from './places.ts';
import type { Snapshot } from './snapshot.ts';

export type PartOfSort<S extends Part['part']> = Extract<Part, { readonly part: S }>;

/** Parts that count together: a list of the API, or one object. Nobody knows which of several values counts. */
export interface PartDocument {
  /** Two stores with the same name mean the same document, value by value. */
  readonly name: string;
  readonly values: readonly (readonly Part[])[];
  /** The reason why nobody knows the value, if there are several. */
  readonly reason?: string;
}

/** A document in a store. */
export interface StoredDocument {
  readonly name: string;
  readonly reason: string;
  readonly values: readonly PartIndex[];
  /** Its rank among the documents of the store. */
  readonly rank: number;
}

/** The parts of one state of the doors, by the places at which the layers look for them. A change makes a new store. */
export class PartStore {
  readonly #documents: LayeredMap<string, StoredDocument>;
  /** Names of documents. */
  readonly #byPlace: LayeredMap<string, readonly string[]>;
  readonly #made: number;
  readonly #unread: ReadonlySet<Part['part']>;

  private constructor(
    documents: LayeredMap<string, StoredDocument>,
    byPlace: LayeredMap<string, readonly string[]>,
    documentsMade: number,
    unread: ReadonlySet<Part['part']>,
  ) {
    this.#documents = documents;
    this.#byPlace = byPlace;
    this.#made = documentsMade;
    this.#unread = unread;
  }

  static empty(unread: ReadonlySet<Part['part']> = new Set()): PartStore {
    return new PartStore(new LayeredMap(), new LayeredMap(), 0, unread);
  }

  static of({ parts, choices = [], unread }: Snapshot): PartStore {
    return PartStore.empty(unread).with([{ name: '', values: [parts] }, ...choices]);
  }

  /** The same store with other parts in some documents. A document without a part is removed. */
  with(changed: readonly PartDocument[]): PartStore {
    const documents = new MapChanges(this.#documents);
    const byPlace = new MapChanges(this.#byPlace);
    let documentsMade = this.#made;
    for (const { name, reason = '', values } of changed) {
      const before = documents.get(name);
      const after = {
        name,
        reason,
        values: values.map((value) => new PartIndex(value)),
        rank: before?.rank ?? documentsMade,
      };
      const [earlierPlaces, reached] = [placesIn(before?.values ?? []), placesIn(after.values)];
      for (const place of earlierPlaces)
        if (!reached.has(place))
          byPlace.set(
            place,
            byPlace.get(place)?.filter((other) => other !== name),
          );
      for (const place of reached)
        if (!earlierPlaces.has(place)) byPlace.set(place, [...(byPlace.get(place) ?? []), name]);
      documents.set(name, reached.size === 0 ? undefined : after);
      documentsMade += 1;
    }
    return new PartStore(documents.done(), byPlace.done(), documentsMade, this.#unread);
  }

  /**
   * The store as if everything that admits people could be read. No file says that foreign rules store nothing, that no
   * foreign Worker runs, or which authorities of client certificates the account has besides.
   */
  asRead(): PartStore {
    const unread = new Set([...this.#unread].filter((sort) => ofOthers.has(sort)));
    return unread.size === this.#unread.size
      ? this
      : new PartStore(this.#documents, this.#byPlace, this.#made, unread);
  }

  /** True if every document has the same parts in both stores at these places, in the same order. */
  isAlikeAt(places: ReadonlySet<string>, other: PartStore): boolean {
    const asked = [...places];
    const names = new Set(
      asked.flatMap((place) => [...(this.#byPlace.get(place) ?? []), ...(other.#byPlace.get(place) ?? [])]),
    );
    const contentIn = ({ values = [] }: Partial<StoredDocument> = {}) =>
      JSON.stringify(values.map((value) => value.at(asked)));
    return [...names].every((name) => {
      const [here, there] = [this.#documents.get(name), other.#documents.get(name)];
      return here === there || contentIn(here) === contentIn(there);
    });
  }

  /** The documents with a part at one of the places, whatever value they have, by rank. */
  documentsAt(places: readonly string[]): readonly StoredDocument[] {
    const found = new Set<StoredDocument>();
    for (const place of places)
      for (const name of this.#byPlace.get(place) ?? []) {
        const document = this.#documents.get(name);
        if (document !== undefined) found.add(document);
      }
    return found.size < 2 ? [...found] : [...found].sort((left, right) => left.rank - right.rank);
  }

  /** The parts of a sort under one of the keys, whatever values the documents have. */
  possibleParts<S extends Part['part']>(sort: S, keys: readonly string[]): readonly PartOfSort<S>[] {
    const places = keys.map((key) => placeOf(sort, key));
    const parts = this.documentsAt(places).flatMap(({ values }) =>
      values.flatMap((value) => value.at(places)),
    );
    return parts as readonly Part[] as readonly PartOfSort<S>[];
  }

  /** All parts, whatever values the documents have, by rank. */
  allParts(): readonly Part[] {
    const ranked = this.#documents.entries().toSorted(([, left], [, right]) => left.rank - right.rank);
    return ranked.flatMap(([, { values }]) => values.flatMap(({ all }) => all));
  }

  /** True if parts of this sort could not be read. */
  isUnread(sort: Part['part']): boolean {
    return this.#unread.has(sort);
  }
}

const ofOthers: ReadonlySet<Part['part']> = new Set(['cache-rule', 'certificate-host', 'worker-route']);

/** The parts of a list by their places. */
class PartIndex {
  readonly all: readonly Part[];
  readonly #byPlace = new Map<string, Part[]>();
  /** The first place of each part in the list. */
  readonly #ranks = new Map<Part, number>();

  constructor(parts: readonly Part[]) {
    this.all = parts;
    for (const [rank, part] of parts.entries()) {
      if (!this.#ranks.has(part)) this.#ranks.set(part, rank);
      for (const place of placesOf(part)) {
        const there = this.#byPlace.get(place);
        if (there === undefined) this.#byPlace.set(place, [part]);
        else there.push(part);
      }
    }
  }

  get places(): Iterable<string> {
    return this.#byPlace.keys();
  }

  /** The parts at any of the places, in the order of the list. */
  at(places: readonly string[]): readonly Part[] {
    const lists = places.flatMap((place) => {
      const list = this.#byPlace.get(place);
      return list === undefined ? [] : [list];
    });
    const [only = [], ...others] = lists;
    if (others.length === 0) return only;
    // A tunnel has a thousand rules, of which two are about a host: nobody looks through all of them for each host.
    const rankOf = (part: Part) => this.#ranks.get(part) ?? 0;
    return [...new Set(lists.flat())].sort((left, right) => rankOf(left) - rankOf(right));
  }
}

function placesIn(values: readonly PartIndex[]): ReadonlySet<string> {
  return new Set(values.flatMap(({ places }) => [...places]));
}
