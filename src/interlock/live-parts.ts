import type { AddressId } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Part } from '../core/objects/part.ts';
import { LayeredMap, MapChanges } from '../doors/state/layered-map.ts';
import { type PartDocument, PartStore } from '../doors/state/part-store.ts';
import { difference, documentOf } from './part-documents.ts';

/** One object among the live ones, and its parts. */
export interface LiveEntry {
  readonly key: string;
  readonly address: AddressId;
  readonly parts: readonly Part[];
  /** Nobody has looked yet whether it is there. */
  readonly isUnchecked?: true;
}

/**
 * The state of a write at the edge. `arrived`: the edge applies it. A date: the edge applies it then, or before. `unknown`: the write
 * failed, and it may have had an effect.
 */
export type Arrival = 'arrived' | Date | 'unknown';

/** The place of a part among the others of its document. `had`: the place that it had there; undefined for a new part. */
export type PlaceInDocument = (parts: readonly Part[], part: Part, had: number | undefined) => number;

/**
 * The place of an object in a document: the last one, as objects are read; the one that a write of it gives it; or the one that a
 * new object would get.
 */
type Placing = 'last' | 'written' | 'anew';

interface LiveDocument {
  readonly entries: readonly LiveEntry[];
  /** The parts that the edge may apply still; undefined: it applies those of the entries. */
  readonly earlier?: readonly Part[];
  /** The edge surely applies the latest parts then. */
  readonly arrivesBy?: Date;
  /** The edge may apply the earlier parts for the rest of the run. */
  readonly isLost?: true;
}

/** A document of which something is under way. */
interface Arriving {
  readonly name: string;
  readonly before: LiveDocument;
  readonly arrivesBy: Date | undefined;
  readonly earlier: readonly Part[];
  readonly latest: readonly Part[];
}

interface Lists {
  readonly entries: LayeredMap<string, LiveEntry>;
  /** Keys of entries. */
  readonly byAddress: LayeredMap<AddressId, readonly string[]>;
  readonly documents: LayeredMap<string, LiveDocument>;
  /** Names of the documents of which something is under way. */
  readonly underWay: readonly string[];
}

const nothing: Lists = {
  ...{ entries: new LayeredMap(), byAddress: new LayeredMap(), documents: new LayeredMap() },
  underWay: [],
};

/** The live objects as one run knows them, each with the forms that it may have at the edge. A change makes new ones. */
export class LiveParts {
  /** The parts, as the model asks about them. */
  readonly store: PartStore;
  readonly #lists: Lists;
  readonly #place: PlaceInDocument;

  private constructor(store: PartStore, lists: Lists, place: PlaceInDocument) {
    this.store = store;
    this.#lists = lists;
    this.#place = place;
  }

  /** In the order in which the objects were read. */
  static of(
    entries: readonly LiveEntry[],
    { place, unread }: { readonly place: PlaceInDocument; readonly unread: ReadonlySet<Part['part']> },
  ): LiveParts {
    return new LiveParts(PartStore.empty(unread), nothing, place).#changed(entries, 'last', 'arrived');
  }

  find(address: AddressId, have?: Pick<Observed, 'id'>): LiveEntry | undefined {
    const { entries, byAddress } = this.#lists;
    const keys = byAddress.get(address) ?? [];
    const key = keyOf(address, have);
    return entries.get(keys.includes(key) ? key : (keys[0] ?? key));
  }

  /** The object that a part belongs to, or belonged to at the edge. */
  entryOf(part: Part): LiveEntry | undefined {
    const { entries = [] } = this.#lists.documents.get(documentOf(part)) ?? {};
    return entries.find(({ parts }) => parts.includes(part));
  }

  /** The same with other parts of some objects: none, where one is removed. */
  with(changed: readonly LiveEntry[], arrival: Arrival): LiveParts {
    return this.#changed(changed, 'written', arrival);
  }

  /**
   * The same with other parts of many objects, as if the edge had them all. What stands in a document that has an order gets the
   * place that a new object would get.
   */
  withAll(changed: readonly LiveEntry[]): LiveParts {
    return this.#changed(changed, 'anew', 'arrived');
  }

  /** The time at which the edge surely applies all that is under way; undefined: nothing is. */
  get arrivesBy(): Date | undefined {
    const times = this.#arriving().flatMap(({ arrivesBy }) => arrivesBy?.getTime() ?? []);
    return times.length === 0 ? undefined : new Date(Math.max(...times));
  }

  /** The state once the edge applies the latest form of the parts for which `has` is true, and the parts in which it differs. */
  settled(has: (part: Part, arrivesBy: Date | undefined) => boolean): {
    readonly state: LiveParts;
    readonly changed: readonly Part[];
  } {
    const arriving = this.#arriving().flatMap(({ name, arrivesBy, earlier, latest, before }) => {
      const hasArrived = (part: Part) => has(part, arrivesBy);
      const parts = [...earlier, ...latest];
      // A document without a part is one that was made and removed: nothing of it is under way.
      if (parts.length > 0 && !parts.some(hasArrived)) return [];
      const left = [...earlier.filter((part) => !hasArrived(part)), ...latest.filter(hasArrived)];
      const isDone = difference(left, latest).length === 0;
      return [
        {
          name,
          document: isDone ? { entries: before.entries } : { ...before, earlier: left },
          isDone,
          changed: difference(earlier, left),
        },
      ];
    });
    if (arriving.length === 0) return { state: this, changed: [] };
    const settled = arriving.map(({ name, document }) => [name, document] as const);
    const documents = this.#lists.documents.with(new Map(settled));
    const done = new Set(arriving.flatMap(({ name, isDone }) => (isDone ? [name] : [])));
    const underWay = this.#lists.underWay.filter((name) => !done.has(name));
    const state = this.#with(
      { ...this.#lists, documents, underWay },
      arriving.map(({ name }) => name),
    );
    return { state, changed: arriving.flatMap(({ changed }) => changed) };
  }

  #arriving(): readonly Arriving[] {
    return this.#lists.underWay.flatMap((name) => {
      const before = this.#lists.documents.get(name) ?? { entries: [] };
      const { entries, earlier = [], arrivesBy, isLost } = before;
      return isLost === true ? [] : [{ name, before, arrivesBy, earlier, latest: partsIn(name, entries) }];
    });
  }

  #changed(changed: readonly LiveEntry[], placing: Placing, arrival: Arrival): LiveParts {
    const entries = new MapChanges(this.#lists.entries);
    const byAddress = new MapChanges(this.#lists.byAddress);
    const documents = new MapChanges(this.#lists.documents);
    const lists = new Map<string, LiveEntry[]>();
    for (const entry of changed) {
      const { key, address } = entry;
      const before = entries.get(key);
      for (const name of new Set([...documentsOf(before), ...documentsOf(entry)])) {
        const list = lists.get(name) ?? [...(this.#lists.documents.get(name)?.entries ?? [])];
        lists.set(name, list);
        this.#put(list, name, entry, placing);
      }
      if (entry.parts.length > 0) {
        entries.set(key, entry);
        if (before === undefined) byAddress.set(address, [...(byAddress.get(address) ?? []), key]);
      } else if (before !== undefined) {
        entries.set(key, undefined);
        byAddress.set(
          address,
          byAddress.get(address)?.filter((other) => other !== key),
        );
      }
    }
    for (const [name, list] of lists) {
      const before = documents.get(name);
      const known = before === undefined ? absent(partsIn(name, list)) : partsIn(name, before.entries);
      const earlier = before?.earlier ?? (arrival === 'arrived' ? undefined : known);
      const isLost = before?.isLost === true || arrival === 'unknown';
      const arrivesBy = arrival instanceof Date ? arrival : before?.arrivesBy;
      documents.set(name, {
        ...{ entries: list, ...(earlier && { earlier }) },
        ...{ ...(arrivesBy && { arrivesBy }), ...(isLost && { isLost }) },
      });
    }
    const touched = arrival instanceof Date ? lists.keys() : [];
    const underWay = [...new Set([...this.#lists.underWay, ...touched])];
    const made = {
      ...{ entries: entries.done(), byAddress: byAddress.done() },
      ...{ documents: documents.done(), underWay },
    };
    return this.#with(made, [...lists.keys()]);
  }

  /** Puts the parts of an object into a document, in place of those that it has there. */
  #put(list: LiveEntry[], name: string, entry: LiveEntry, placing: Placing): void {
    const index = list.findIndex(({ key }) => key === entry.key);
    if (index !== -1) list.splice(index, 1);
    const first = entry.parts.find((part) => documentOf(part) === name);
    if (first === undefined) return;
    const had = placing === 'written' && index !== -1 ? index : undefined;
    list.splice(placing === 'last' ? list.length : this.#placeIn(list, first, had), 0, entry);
  }

  /** Only the rules of a tunnel have a place of their own. */
  #placeIn(list: readonly LiveEntry[], part: Part, had: number | undefined): number {
    if (part.part !== 'tunnel-rule') return had ?? list.length;
    const others = list.map(({ parts }) => parts[0]).filter((first) => first !== undefined);
    return this.#place(others, part, had);
  }

  #with(lists: Lists, changed: readonly string[]): LiveParts {
    const documents = changed.map((name): PartDocument => {
      const { entries = [], earlier } = lists.documents.get(name) ?? {};
      const parts = partsIn(name, entries);
      const checked = entries.filter(({ isUnchecked }) => isUnchecked !== true);
      if (checked.length < entries.length)
        return { name, values: [parts, partsIn(name, checked)], reason: 'not checked' };
      if (earlier === undefined || difference(earlier, parts).length === 0) return { name, values: [parts] };
      return { name, values: [earlier, parts], reason: 'not yet at the edge' };
    });
    return new LiveParts(this.store.with(documents), lists, this.#place);
  }
}

function documentsOf(entry: LiveEntry | undefined): readonly string[] {
  return entry?.parts.map(documentOf) ?? [];
}

function partsIn(name: string, entries: readonly LiveEntry[]): readonly Part[] {
  return entries.flatMap(({ parts }) => parts.filter((part) => documentOf(part) === name));
}

/**
 * The parts of an object that is not there: before the edge knows it, and after it is removed. A policy is one that matches
 * nobody. Cloudflare removes none that an application names (12139), and an application goes by its other policies.
 */
export function absent(parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) =>
    part.part === 'access-policy' ? [{ ...part, include: [], require: [], exclude: [] }] : [],
  );
}

export function keyOf(address: AddressId, have?: Pick<Observed, 'id'>): string {
  return have === undefined ? `new ${address}` : `${address} ${have.id}`;
}
