/** Whether the origins that the file has ask the outpost really do: it can only be claimed, so both are tried. */
export type Origins = 'ask' | 'do not ask';

/** Somebody who gets through a door of the copy whom the file does not admit, and who could not before. */
export interface Hole {
  readonly host: string;
  /** Of a login instead of a host: the client that it is for. */
  readonly client?: string;
  readonly path: string;
  /** `anonymous`, a person, a token, and what they claimed in headers. */
  readonly principal: string;
  /** Who answered: `origin`, `authentik`. */
  readonly servedBy: string;
  /** What had gone wrong, and in which step it was seen; neither where all went well. */
  readonly trouble?: string;
  readonly step?: string;
  /** Whether origins asked the outpost there; only where both were tried. */
  readonly origins?: Origins;
}

/** What came of a rehearsal; part of `--output json`, held by schema/plan.schema.json. */
export interface Rehearsal {
  /** The same seed tries the same again. */
  readonly seed: number;
  /** Ways in which the plan was disturbed, and how many there are; the seed says which were taken. */
  readonly tried: number;
  readonly possible: number;
  /** Of the plan, undisturbed. */
  readonly writes: number;
  readonly reads: number;
  /** Writes after which the copy was asked who gets through. */
  readonly judged: number;
  /** Whether the file has origins that may send requests through the outpost or not: both were tried. */
  readonly originsTried: 'as described' | 'asking and not asking';
  /** Each once, with the first trouble that it was seen in. */
  readonly holes: readonly Hole[];
  /** What is not done where the plan is carried out again after a trouble, and would be without it. */
  readonly unfinished: readonly { readonly change: string; readonly trouble: string }[];
  /** Whoever gets through before the first step and also after the last, though the file does not admit them. */
  readonly standing: readonly Hole[];
  /** What the copy lacks. */
  readonly unplayed: readonly string[];
  /** Those of `unplayed` that are about rules which the copy cannot read or try: whom they let through is not known. */
  readonly unread: readonly string[];
}

/** Whether every rule could be read, and nothing was seen that should not be. */
export function isSafe(rehearsal: Rehearsal): boolean {
  return rehearsal.unread.length === 0 && !isBad(rehearsal);
}

/** Whether something was seen that should not be. */
export function isBad({ holes, unfinished }: Rehearsal): boolean {
  return holes.length > 0 || unfinished.length > 0;
}
