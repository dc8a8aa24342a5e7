/** One assumption of gates about the real systems that a run of `gates conformance` can check. */
export interface Belief {
  /** Group and name: `cache/extension`. */
  readonly id: `${string}/${string}`;
  /** The belief as a sentence, without its full stop. */
  readonly says: string;
  /** The file of gates that relies on it. */
  readonly where: string;
  /** Beliefs without which this one cannot be asked. */
  readonly needs?: readonly string[];
}

/** Measured numbers and settings, for use in the sandbox. */
export type Measured = Readonly<Record<string, string | number | boolean>>;

/** The answer of the real system. `earlier`: a stopped run found it out, and it was not asked again. */
export type Answer =
  | { readonly state: 'as believed'; readonly measured?: Measured; readonly earlier?: true }
  | { readonly state: 'otherwise'; readonly seen: string; readonly measured?: Measured }
  | { readonly state: 'not asked'; readonly why: string; readonly earlier?: true };

export function asBelieved(measured?: Measured): Answer {
  return { state: 'as believed', ...(measured && { measured }) };
}

export function otherwise(seen: string, measured?: Measured): Answer {
  return { state: 'otherwise', seen, ...(measured && { measured }) };
}

export function notAsked(why: string): Answer {
  return { state: 'not asked', why };
}

/** Returns `as believed` if the condition holds, else `otherwise` with the observation. */
export function held(condition: boolean, seen: string, measured?: Measured): Answer {
  return condition ? asBelieved(measured) : otherwise(seen, measured);
}
