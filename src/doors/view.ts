import type { Part, Selector } from '../core/part.ts';
import { type Admission, type Alternative, allOf, caseOf, everybody, unknown } from './admission.ts';
import { type Choice, PartIndex, type PartOfSort, placeOf, type Snapshot } from './snapshot.ts';

/** A snapshot in which the choices that matter have one value each. */
export interface View {
  /** The parts of a sort under one of the keys that concern the question, in the order in which they are listed. */
  readonly parts: <S extends Part['part']>(
    sort: S,
    keys: string | readonly string[],
    concerns?: (part: PartOfSort<S>) => boolean,
  ) => readonly PartOfSort<S>[];
  /** True if parts of this sort could not be read. */
  readonly unread: (sort: Part['part']) => boolean;
  /** Told of each object that a layer decides by, in the order in which the layer looks at them. */
  readonly weigh: (weighed: Weighed) => void;
}

/** The stages between a visitor and a service, in the order in which a request meets them. */
export type Layer = 'name' | 'edge rules' | 'Access' | 'cache' | 'tunnel rule' | 'origin' | 'Authentik';

/** An object by which a layer decides. */
export interface Weighed {
  readonly layer: Layer;
  readonly part: Part;
  /** The visitors whom the object by itself lets past, matches (a policy) or is about (a provider). */
  readonly admits: Admission;
  /** The selectors of a policy, each with whom it matches. */
  readonly selectors?: readonly WeighedSelector[];
}

export interface WeighedSelector {
  readonly list: 'include' | 'require' | 'exclude';
  readonly selector: Selector;
  readonly admits: Admission;
}

/** Told what a question meets on the way to its answer. */
export interface Witness {
  /** Each place of the snapshot that the answer depends on (`placesOf`). */
  readonly note?: (place: string) => void;
  readonly weigh?: (weighed: Weighed) => void;
}

/** Choices that may matter at one door; with more of them, nothing is known there. */
const mostChoices = 6;

/**
 * The question answered in each case of the choices that it depends on; undefined where these are too many. A choice
 * counts only if its values differ in parts that the question asks for.
 */
export function inEachCase<T>(
  snapshot: Snapshot,
  ask: (view: View) => T,
  witness: Witness = {},
): readonly Alternative<T>[] | undefined {
  const index = indexOf(snapshot);
  const explore = (values: ReadonlyMap<number, number>, when: Admission): Alternative<T>[] | undefined => {
    const { view, open } = viewWith(index, values, witness);
    const item = ask(view);
    const [next] = open;
    if (next === undefined) return [{ when, item }];
    const choice = index.choices[next];
    if (choice === undefined || values.size === mostChoices) return undefined;
    const { name, reason, values: parts } = choice.choice;
    const facts = parts.map((_, value) => unknown(reason, `${name} is ${value + 1} of ${parts.length}`));
    const cases: Alternative<T>[] = [];
    for (const value of parts.keys()) {
      const found = explore(new Map([...values, [next, value]]), allOf(when, caseOf(facts, value)));
      if (found === undefined) return undefined;
      cases.push(...found);
    }
    return cases;
  };
  return explore(new Map(), everybody);
}

interface ChoiceIndex {
  readonly choice: Choice;
  readonly values: readonly PartIndex[];
}

interface SnapshotIndex {
  readonly snapshot: Snapshot;
  readonly parts: PartIndex;
  readonly choices: readonly ChoiceIndex[];
}

const indexes = new WeakMap<Snapshot, SnapshotIndex>();

function indexOf(snapshot: Snapshot): SnapshotIndex {
  const known = indexes.get(snapshot);
  if (known !== undefined) return known;
  const choices = (snapshot.choices ?? []).map((choice) => ({
    choice,
    values: choice.values.map((value) => new PartIndex(value)),
  }));
  const index = { snapshot, parts: new PartIndex(snapshot.parts), choices };
  indexes.set(snapshot, index);
  return index;
}

/** The parts of a sort under one of the keys, whatever values the choices have. */
export function possibleParts<S extends Part['part']>(
  snapshot: Snapshot,
  sort: S,
  keys: readonly string[],
): readonly PartOfSort<S>[] {
  const { parts, choices } = indexOf(snapshot);
  return [parts, ...choices.flatMap(({ values }) => values)].flatMap((index) => index.parts(sort, keys));
}

/** A view, and the choices without a value that it was asked about, in order. For those it shows the first value. */
function viewWith(
  { snapshot, parts, choices }: SnapshotIndex,
  values: ReadonlyMap<number, number>,
  { note = ignore, weigh = ignore }: Witness,
): { readonly view: View; readonly open: ReadonlySet<number> } {
  const open = new Set<number>();
  const view: View = {
    parts<S extends Part['part']>(
      sort: S,
      keys: string | readonly string[],
      concerns?: (part: PartOfSort<S>) => boolean,
    ) {
      const list = typeof keys === 'string' ? [keys] : keys;
      for (const key of list) note(placeOf(sort, key));
      const asked = (index: PartIndex | undefined) => {
        const found = index?.parts(sort, list) ?? [];
        return concerns === undefined ? found : found.filter(concerns);
      };
      if (choices.length === 0) return asked(parts);
      const chosen = choices.flatMap((choice, number) => {
        const possible = choice.values.map(asked);
        const decided = values.get(number);
        if (decided === undefined && isOpen(possible)) open.add(number);
        return possible[decided ?? 0] ?? [];
      });
      return [...asked(parts), ...chosen];
    },
    unread: (sort) => snapshot.unread?.has(sort) ?? false,
    weigh,
  };
  return { view, open };
}

function ignore(): void {}

/** Whether it matters which of the lists is the right one. */
function isOpen(lists: readonly (readonly Part[])[]): boolean {
  if (lists.every((list) => list.length === 0)) return false;
  return new Set(lists.map((list) => JSON.stringify(list))).size > 1;
}
