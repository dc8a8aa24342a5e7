import { Map as PersistentMap } from 'immutable';
import type { AddressId } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Part } from '../core/objects/part.ts';
import { type PartDocument, PartStore } from '../doors/state/part-store.ts';

/** One object among the live ones, and its parts. */
export interface LiveEntry {
  readonly key: string;
  readonly address: AddressId;
  readonly parts: readonly Part[];
  /** Nobody has looked yet whether it is there. */
  readonly isUnchecked?: true;
}

/**
 * The state of a write at the edge. `arrived`: the edge applies it. `under way`: the edge applies it once the run has waited for it.
 * `unknown`: the write failed, and it may have had an effect.
 */
export type Arrival = 'arrived' | 'under way' | 'unknown';

/** The place of a part that is added to those of its document. */
export type PlaceInDocument = (parts: readonly Part[], added: Part) => number;

/**
 * The place of an object in a document: the last one, as objects are read; the one that it had, and of a new object the one that
 * it would get; or the one that a new object would get.
 */
type Placing = 'last' | 'kept' | 'anew';

interface LiveDocument {
  readonly entries: readonly LiveEntry[];
  /** The parts that the edge may go by still; undefined: it goes by those of the entries. */
  readonly earlier?: readonly Part[];
  /** It may go by them for the rest of the run. */
  readonly isLost?: true;
}

interface Lists {
  readonly entries: PersistentMap<string, LiveEntry>;
  /** Keys of entries. */
  readonly byAddress: PersistentMap<AddressId, readonly string[]>;
  readonly documents: PersistentMap<string, LiveDocument>;
  /** Names of the documents of which something is under way. */
  readonly underWay: readonly string[];
}

const nothing: Lists = {
  ...{ entries: PersistentMap(), byAddress: PersistentMap(), documents: PersistentMap() },
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
    return this.#changed(changed, 'kept', arrival);
  }

  /**
   * The same with other parts of many objects, as if the edge had them all. What stands in a document that has an order gets the
   * place that a new object would get.
   */
  withAll(changed: readonly LiveEntry[]): LiveParts {
    return this.#changed(changed, 'anew', 'arrived');
  }

  /** The same once the edge goes by everything, and the parts by which that differs. */
  settled(): { readonly state: LiveParts; readonly changed: readonly Part[] } {
    const { documents } = this.#lists;
    const arriving = this.#lists.underWay.filter((name) => documents.get(name)?.isLost !== true);
    const changed = arriving.flatMap((name) => {
      const { entries = [], earlier = [] } = documents.get(name) ?? {};
      return difference(earlier, partsIn(name, entries));
    });
    const settled = documents.withMutations((map) => {
      for (const name of arriving) map.update(name, { entries: [] }, ({ entries }) => ({ entries }));
    });
    const lists = { ...this.#lists, documents: settled, underWay: [] };
    return { state: this.#with(lists, arriving), changed };
  }

  #changed(changed: readonly LiveEntry[], placing: Placing, arrival: Arrival): LiveParts {
    const entries = this.#lists.entries.asMutable();
    const byAddress = this.#lists.byAddress.asMutable();
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
        if (before === undefined) byAddress.update(address, [], (keys) => [...keys, key]);
      } else if (before !== undefined) {
        entries.delete(key);
        byAddress.update(address, [], (keys) => keys.filter((other) => other !== key));
      }
    }
    const documents = this.#lists.documents.withMutations((map) => {
      for (const [name, list] of lists) {
        const before = map.get(name);
        const known = before === undefined ? absent(partsIn(name, list)) : partsIn(name, before.entries);
        const earlier = before?.earlier ?? (arrival === 'arrived' ? undefined : known);
        const isLost = before?.isLost === true || arrival === 'unknown';
        map.set(name, { entries: list, ...(earlier && { earlier }), ...(isLost && { isLost }) });
      }
    });
    const touched = arrival === 'under way' ? lists.keys() : [];
    const underWay = [...new Set([...this.#lists.underWay, ...touched])];
    const made = {
      ...{ entries: entries.asImmutable(), byAddress: byAddress.asImmutable() },
      ...{ documents, underWay },
    };
    return this.#with(made, [...lists.keys()]);
  }

  /** Puts the parts of an object into a document, in place of those that it has there. */
  #put(list: LiveEntry[], name: string, entry: LiveEntry, placing: Placing): void {
    const index = list.findIndex(({ key }) => key === entry.key);
    if (index !== -1) list.splice(index, 1);
    const first = entry.parts.find((part) => documentOf(part) === name);
    if (first === undefined) return;
    if (placing === 'kept' && index !== -1) list.splice(index, 0, entry);
    else list.splice(placing === 'last' ? list.length : this.#placeIn(list, first), 0, entry);
  }

  /** Only the rules of a tunnel have a place of their own. */
  #placeIn(list: readonly LiveEntry[], part: Part): number {
    if (part.part !== 'tunnel-rule') return list.length;
    return this.#place(
      list.flatMap(({ parts: [first] }) => first ?? []),
      part,
    );
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

/** The parts that are in one of two lists alone; all of both, where the others stand in another order. */
function difference(before: readonly Part[], after: readonly Part[]): readonly Part[] {
  const [left, right] = [new Set(before.map(textOf)), new Set(after.map(textOf))];
  const stayed = before.filter((part) => right.has(textOf(part)));
  const staying = after.filter((part) => left.has(textOf(part)));
  const isMoved = staying.some((part, place) => textOf(part) !== textOf(stayed[place] ?? part));
  if (isMoved || stayed.length !== staying.length) return [...before, ...after];
  return [...before, ...after].filter((part) => !left.has(textOf(part)) || !right.has(textOf(part)));
}

const texts = new WeakMap<Part, string>();

function textOf(part: Part): string {
  const text = texts.get(part) ?? JSON.stringify(part);
  texts.set(part, text);
  return text;
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

/** The document of the API that a part is in; a part that is an object by itself is its own. */
export function documentOf(part: Part): string {
  switch (part.part) {
    case 'edge-rule':
    case 'token-rule':
    case 'cache-rule':
      return `${part.part} ${part.zone}`;
    case 'tunnel-rule':
      return `${part.part} ${part.tunnel}`;
    case 'record':
    case 'zone':
      return `${part.part} ${part.name}`;
    case 'provider-link':
    case 'binding':
      return `${part.part} ${part.application}`;
    case 'outpost-entry':
      return `${part.part} ${part.outpost}`;
    case 'origin':
      return `${part.part} ${part.service} for ${part.hosts?.join() ?? 'any host'}`;
    case 'purge':
      return `${part.part} ${part.host}`;
    case 'organization':
      return part.part;
    default:
      return `${part.part} ${part.id}`;
  }
}
