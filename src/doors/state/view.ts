import type { Part } from '../../core/objects/part.ts';
import type { Selector } from '../../core/objects/parts/access-parts.ts';
import {
  type Admission,
  type Alternative,
  allOf,
  caseOf,
  everybody,
  unknown,
} from '../admission/admission.ts';
import type { PartOfSort, PartStore, StoredDocument } from './part-store.ts';
import { placeOf } from './places.ts';

/** A store in which each document that matters has one value. */
export interface View {
  /** The parts of a sort under one of the keys that concern the question, in the order in which they are listed. */
  readonly parts: <S extends Part['part']>(
    sort: S,
    keys: string | readonly string[],
    concerns?: (part: PartOfSort<S>) => boolean,
  ) => readonly PartOfSort<S>[];
  /** True if parts of this sort could not be read. */
  readonly unread: (sort: Part['part']) => boolean;
  /** Called with each object by which a layer decides, in the order in which the layer evaluates them; undefined: nobody asks. */
  readonly weigh: ((weighed: Weighed) => void) | undefined;
}

/** The stages between a visitor and a service, in the order in which a request meets them. */
export type Layer =
  | 'name'
  | 'edge rules'
  | 'Access'
  | 'Worker'
  | 'cache'
  | 'tunnel rule'
  | 'origin'
  | 'Authentik';

/** An object by which a layer decides. */
export interface Weighed {
  readonly layer: Layer;
  readonly part: Part;
  /** The visitors whom the object by itself lets past, matches (a policy) or is about (a provider). */
  readonly admits: Admission;
  /** The selectors of a policy, each with the visitors whom it matches. */
  readonly selectors?: readonly WeighedSelector[];
}

export interface WeighedSelector {
  readonly list: 'include' | 'require' | 'exclude';
  readonly selector: Selector;
  readonly admits: Admission;
}

/** Observes everything that a question meets on the way to its answer. */
export interface Witness {
  /** Each place of the store that the answer depends on (`placesOf`). */
  readonly note?: (place: string) => void;
  readonly weigh?: (weighed: Weighed) => void;
}

/** The most choices that may matter at one door; with more of them, nothing is known there. */
const mostChoices = 6;

/**
 * Answers the question in each case of the documents that it depends on; undefined if these are too many. A document
 * counts only if its values differ in parts that the question asks for.
 */
export function inEachCase<T>(
  store: PartStore,
  ask: (view: View) => T,
  witness: Witness = {},
): readonly Alternative<T>[] | undefined {
  const explore = (decided: ReadonlyMap<string, number>, when: Admission): Alternative<T>[] | undefined => {
    const { view, open } = viewWith(store, decided, witness);
    const item = ask(view);
    const [document] = open.values();
    if (document === undefined) return [{ when, item }];
    if (decided.size === mostChoices) return undefined;
    const { name, reason, values } = document;
    const facts = values.map((_, value) => unknown(reason, `${name} is ${value + 1} of ${values.length}`));
    const cases: Alternative<T>[] = [];
    for (const value of values.keys()) {
      const found = explore(new Map([...decided, [name, value]]), allOf(when, caseOf(facts, value)));
      if (found === undefined) return undefined;
      cases.push(...found);
    }
    return cases;
  };
  return explore(new Map(), everybody);
}

/** A view, and the documents without a decided value that it was asked about, in order. It shows their first value. */
function viewWith(
  store: PartStore,
  decided: ReadonlyMap<string, number>,
  { note, weigh }: Witness,
): { readonly view: View; readonly open: ReadonlyMap<string, StoredDocument> } {
  const open = new Map<string, StoredDocument>();
  const view: View = {
    parts<S extends Part['part']>(
      sort: S,
      keys: string | readonly string[],
      concerns?: (part: PartOfSort<S>) => boolean,
    ) {
      const places = (typeof keys === 'string' ? [keys] : keys).map((key) => placeOf(sort, key));
      if (note !== undefined) for (const place of places) note(place);
      const found = store.documentsAt(places).map((document) => {
        const possible = document.values.map((value) => {
          const parts = value.at(places) as readonly PartOfSort<S>[];
          return concerns === undefined ? parts : parts.filter(concerns);
        });
        const value = decided.get(document.name);
        if (value === undefined && isOpen(possible)) open.set(document.name, document);
        return possible[value ?? 0] ?? [];
      });
      const [only = [], ...others] = found;
      return others.length === 0 ? only : found.flat();
    },
    unread: (sort) => store.isUnread(sort),
    weigh,
  };
  return { view, open };
}

/** True if it matters which of the lists is the right one. */
function isOpen(lists: readonly (readonly Part[])[]): boolean {
  if (lists.length === 1 || lists.every((list) => list.length === 0)) return false;
  return new Set(lists.map((list) => JSON.stringify(list))).size > 1;
}
