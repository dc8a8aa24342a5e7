import type { AddressId } from '../core/address.ts';
import type { Observed } from '../core/object.ts';
import type { Part } from '../core/part.ts';
import type { Choice, Snapshot } from '../doors/ways.ts';

/** One object among the live ones, and its parts. */
export interface LiveEntry {
  readonly key: string;
  readonly address: AddressId;
  readonly parts: readonly Part[];
}

/** Where a part has its place among those that one document lists in order; undefined: it stands alone. */
export type PlaceInDocument = (parts: readonly Part[], added: Part) => number;

/** The live objects as one run knows them, in the order in which they were read, each with the forms that it may have at the edge. */
export class LiveParts {
  readonly #entries: readonly LiveEntry[];
  /** By document or object: the parts that the edge may go by still. */
  readonly #earlier: ReadonlyMap<string, readonly Part[]>;
  readonly #place: PlaceInDocument;

  constructor(
    entries: readonly LiveEntry[],
    place: PlaceInDocument,
    earlier: ReadonlyMap<string, readonly Part[]> = new Map(),
  ) {
    this.#entries = entries;
    this.#place = place;
    this.#earlier = earlier;
  }

  find(address: AddressId, have?: Pick<Observed, 'id'>): LiveEntry | undefined {
    const own = this.#entries.filter((entry) => entry.address === address);
    return own.find(({ key }) => key === keyOf(address, have)) ?? own[0];
  }

  /** The object that a part belongs to, or belonged to at the edge. */
  entryOf(part: Part): LiveEntry | undefined {
    return this.#entries.find(({ parts }) => parts.includes(part));
  }

  /** The same with other parts of one object: none, where it is removed. `unsure`: the edge may not go by them yet. */
  with(entry: LiveEntry, { unsure }: { readonly unsure: boolean }): LiveParts {
    const index = this.#entries.findIndex(({ key }) => key === entry.key);
    const rest = index === -1 ? this.#entries : this.#entries.toSpliced(index, 1);
    const [first] = entry.parts;
    const at = first === undefined || index !== -1 ? index : this.#placeOf(rest, first);
    const entries = entry.parts.length === 0 ? rest : rest.toSpliced(at === -1 ? rest.length : at, 0, entry);
    if (!unsure) return new LiveParts(entries, this.#place, this.#earlier);
    const documents = new Set([...(this.#entries[index]?.parts ?? []), ...entry.parts].map(documentOf));
    const earlier = new Map(this.#earlier);
    for (const name of documents) if (!earlier.has(name)) earlier.set(name, this.#inDocument(name));
    return new LiveParts(entries, this.#place, earlier);
  }

  /**
   * The same with other parts of many objects, as if the edge had them all. What stands in a document that has an order gets the
   * place that a new object would get.
   */
  withAll(changed: readonly LiveEntry[]): LiveParts {
    const others = new Map(changed.map((entry) => [entry.key, entry]));
    const staying = this.#entries.filter(({ key }) => !others.has(key));
    const coming = [...others.values()].filter(({ parts }) => parts.length > 0);
    const [placed, loose] = [coming.filter(isPlaced), coming.filter((entry) => !isPlaced(entry))];
    const documents = new Map<string, LiveEntry[]>(placed.map((entry) => [nameOf(entry), []]));
    const rest = staying.filter((entry) => {
      const document = documents.get(nameOf(entry));
      document?.push(entry);
      return document === undefined;
    });
    for (const entry of placed) {
      const document = documents.get(nameOf(entry)) ?? [];
      const [first] = entry.parts;
      const parts = document.flatMap(({ parts: [part] }) => (part === undefined ? [] : [part]));
      document.splice(first === undefined ? document.length : this.#place(parts, first), 0, entry);
    }
    return new LiveParts([...rest, ...[...documents.values()].flat(), ...loose], this.#place, this.#earlier);
  }

  settled(): LiveParts {
    return new LiveParts(this.#entries, this.#place);
  }

  snapshot(unread: Snapshot['unread']): Snapshot {
    const choices: Choice[] = [];
    for (const [name, before] of this.#earlier) {
      const after = this.#inDocument(name);
      if (JSON.stringify(before) === JSON.stringify(after)) continue;
      choices.push({ name, reason: 'not yet at the edge', values: [before, after] });
    }
    const open = new Set(choices.map(({ name }) => name));
    const parts = this.#entries.flatMap((entry) => entry.parts).filter((part) => !open.has(documentOf(part)));
    return { parts, choices, ...(unread !== undefined && { unread }) };
  }

  #inDocument(name: string): readonly Part[] {
    return this.#entries.flatMap(({ parts }) => parts).filter((part) => documentOf(part) === name);
  }

  /** Index among the entries; -1: at the end. */
  #placeOf(entries: readonly LiveEntry[], part: Part): number {
    const document = entries.filter(
      ({ parts: [first] }) => first !== undefined && documentOf(first) === documentOf(part),
    );
    const place = this.#place(
      document.flatMap(({ parts }) => parts.slice(0, 1)),
      part,
    );
    const next = document[place];
    return next === undefined ? -1 : entries.indexOf(next);
  }
}

/** Only the rules of a tunnel have their place from `PlaceInDocument`. */
function isPlaced({ parts: [first] }: LiveEntry): boolean {
  return first?.part === 'tunnel-rule';
}

function nameOf({ parts: [first] }: LiveEntry): string {
  return first === undefined ? '' : documentOf(first);
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
      return `${part.part} ${part.service}`;
    case 'organization':
      return part.part;
    default:
      return `${part.part} ${part.id}`;
  }
}
