import { type Admission, type Alternative, allOf, anyOf, nobody } from './admission/admission.ts';
import type { PartStore } from './state/part-store.ts';
import { inEachCase, type View, type Witness } from './state/view.ts';

/** The answer of a layer, and the places of the store on which it depends. */
interface Answer {
  readonly found: readonly Alternative<unknown>[] | undefined;
  readonly places: readonly string[];
}

/** The answers of the layers of one door, by the question. */
export type LayerAnswers = ReadonlyMap<string, Answer>;

/** Every place of the store on which answers depend, some of them repeatedly. */
export function placesAsked(answers: LayerAnswers): readonly string[] {
  return [...answers.values()].flatMap(({ places }) => places);
}

/** True if an answer depends on one of the places. */
export function dependOn(answers: LayerAnswers, places: ReadonlySet<string>): boolean {
  for (const { places: asked } of answers.values()) if (asked.some((place) => places.has(place))) return true;
  return false;
}

/** The answers in an earlier state of the store, and the places that have changed since. */
export interface Earlier {
  readonly answers: LayerAnswers;
  readonly changed: ReadonlySet<string>;
}

/**
 * Questions about one door to its layers. Each layer answers in every case of only the documents that it depends on, so
 * the cases of two layers do not multiply. A layer is not asked again unless one of its places has changed.
 */
export class Inquiry {
  readonly answers = new Map<string, Answer>();
  readonly #store: PartStore;
  readonly #earlier: Earlier | undefined;
  readonly #weigh: Witness['weigh'];

  constructor(
    store: PartStore,
    { earlier, weigh }: { readonly earlier?: Earlier | undefined; readonly weigh?: Witness['weigh'] } = {},
  ) {
    this.#store = store;
    this.#earlier = earlier;
    this.#weigh = weigh;
  }

  /** True if a layer depends on too many choices, so that nothing is known. */
  get isUndecided(): boolean {
    return [...this.answers.values()].some(({ found }) => found === undefined);
  }

  /** The items that a layer answers, equal ones once, each with its condition. Equal questions have equal names. */
  items<T>(question: string, ask: (view: View) => readonly Alternative<T>[]): readonly Alternative<T>[] {
    const answer = this.#remembered(question) ?? this.#asked(ask);
    this.answers.set(question, answer);
    return (answer.found ?? []) as readonly Alternative<T>[];
  }

  /** The formula of everybody whom a layer lets past. */
  admits(question: string, ask: (view: View) => Admission): Admission {
    const [only] = this.items(question, (view) => [{ when: ask(view), item: undefined }]);
    return only?.when ?? nobody;
  }

  #remembered(question: string): Answer | undefined {
    const answer = this.answers.get(question) ?? this.#earlier?.answers.get(question);
    if (answer === undefined || this.answers.has(question)) return answer;
    return answer.places.some((place) => this.#earlier?.changed.has(place)) ? undefined : answer;
  }

  #asked<T>(ask: (view: View) => readonly Alternative<T>[]): Answer {
    const places = new Set<string>();
    const cases = inEachCase(this.#store, ask, {
      note: (place) => places.add(place),
      ...(this.#weigh && { weigh: this.#weigh }),
    });
    const found = cases?.flatMap(({ when, item: items }) =>
      items.map((each) => ({ when: allOf(when, each.when), item: each.item })),
    );
    return { found: found && merged(found), places: [...places] };
  }
}

/** Equal items once, in their order. */
function merged<T>(found: readonly Alternative<T>[]): readonly Alternative<T>[] {
  if (found.length < 2) return found;
  const byItem = new Map<string, Alternative<T>>();
  for (const { when, item } of found) {
    const key = JSON.stringify(item) ?? '';
    byItem.set(key, { when: anyOf(byItem.get(key)?.when ?? nobody, when), item });
  }
  return [...byItem.values()];
}
