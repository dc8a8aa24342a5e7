/** A question that was asked, its answer, and what it depended on. */
interface Question {
  find: () => unknown;
  isSame: (one: unknown, other: unknown) => boolean;
  /** Undefined: it reads what may change in each round, so it is asked again in each. */
  needs: Question[] | undefined;
  answer: unknown;
  /** The round in which it was last found or confirmed, and the one in which the answer became another; 0: never. */
  confirmed: number;
  changed: number;
  /** The number of the question that noted last that it needs this one. */
  notedBy: number;
}

/** The questions that begin with the same parts. */
interface Branch {
  question?: Question;
  byText?: Map<unknown, Branch>;
  byObject?: WeakMap<object, Branch>;
}

/**
 * The answers to questions about something that changes between rounds. An answer of an earlier round counts as long as
 * every answer that it needed is the same: nobody has to say what a change concerns. A question is identified by its
 * parts, objects among them by identity, and depends on nothing else but on other questions. (The method is that of
 * build systems with early cutoff, such as Salsa.)
 */
export class Answers {
  #round = 1;
  #count = 0;
  #asking: { id: number; needs: Question[] } | undefined;
  readonly #root: Branch = {};

  /** Begins a round: anything that is observed may have changed. */
  begin(): void {
    this.#round += 1;
  }

  /** The answer to a question that depends only on its parts and on other questions. */
  ask<T>(parts: readonly unknown[], find: () => T, isSame: (one: T, other: T) => boolean = Object.is): T {
    const branch = this.#branch(parts);
    branch.question ??= questionOf(find, isSame as Question['isSame'], []);
    return this.#answer(branch.question) as T;
  }

  /** The answer to a question about what changes between rounds. */
  observe<T>(parts: readonly unknown[], find: () => T): T {
    const branch = this.#branch(parts);
    branch.question ??= questionOf(find, Object.is, undefined);
    return this.#answer(branch.question) as T;
  }

  /** A question as of `observe`, for somebody who asks it very often and remembers it. */
  observer<T>(find: () => T): () => T {
    const question = questionOf(find, Object.is, undefined);
    return () => this.#answer(question) as T;
  }

  #branch(parts: readonly unknown[]): Branch {
    let branch = this.#root;
    for (const part of parts) branch = branchAt(branch, part);
    return branch;
  }

  #answer(question: Question): unknown {
    if (question.confirmed !== this.#round) this.#confirm(question);
    const asking = this.#asking;
    if (asking !== undefined && question.notedBy !== asking.id) {
      question.notedBy = asking.id;
      asking.needs.push(question);
    }
    return question.answer;
  }

  #confirm(question: Question): void {
    if (question.confirmed === 0 || question.needs === undefined || this.#isStale(question)) {
      this.#find(question);
    }
    question.confirmed = this.#round;
  }

  /** In the order in which they were asked: a later question may make no sense if an earlier answer is another one. */
  #isStale({ needs = [], confirmed }: Question): boolean {
    for (const needed of needs) {
      if (needed.confirmed !== this.#round) this.#confirm(needed);
      if (needed.changed > confirmed) return true;
    }
    return false;
  }

  #find(question: Question): void {
    const outer = this.#asking;
    this.#count += 1;
    const asking = { id: this.#count, needs: [] };
    this.#asking = asking;
    let answer: unknown;
    try {
      answer = question.find();
    } finally {
      this.#asking = outer;
    }
    if (question.needs !== undefined) question.needs = asking.needs;
    if (question.confirmed > 0 && question.isSame(question.answer, answer)) return;
    question.answer = answer;
    question.changed = this.#round;
  }
}

function questionOf(find: Question['find'], isSame: Question['isSame'], needs: Question['needs']): Question {
  return { find, isSame, needs, answer: undefined, confirmed: 0, changed: 0, notedBy: 0 };
}

function branchAt(from: Branch, part: unknown): Branch {
  const isObject = typeof part === 'object' && part !== null;
  const known = isObject ? from.byObject?.get(part) : from.byText?.get(part);
  if (known !== undefined) return known;
  const made: Branch = {};
  if (isObject) {
    from.byObject ??= new WeakMap();
    from.byObject.set(part, made);
  } else {
    from.byText ??= new Map();
    from.byText.set(part, made);
  }
  return made;
}

/** True if two lists have the same elements, by identity. */
export function sameElements(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => Object.is(each, other[index]));
}

/** True if two plain values have the same text. */
export function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
