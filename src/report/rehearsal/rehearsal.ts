/** Whether the origins that the file has ask the outpost really do: it can only be claimed, so both are tried. */
export type Origins = 'ask' | 'do not ask';

/** Somebody who gets through a door of the copy whom the file does not admit, and who could not before. */
export interface Hole {
  readonly host: string;
  /** The client, if the hole is a login instead of a host. */
  readonly client?: string;
  readonly path: string;
  /** `anonymous`, a person, a token, and what they claimed in headers. */
  readonly principal: string;
  /** The server that answered: `origin`, `authentik`. */
  readonly servedBy: string;
  /** The failure, and the step in which the hole was found; neither if nothing failed. */
  readonly trouble?: string;
  readonly step?: string;
  /** Whether origins asked the outpost there; only where both were tried. */
  readonly origins?: Origins;
}

/** The result of a rehearsal; part of `--output json`, held by schema/plan.schema.json. */
export interface Rehearsal {
  /** The same seed tries the same again. */
  readonly seed: number;
  /** Ways in which the plan was disturbed, and how many there are; the seed says which were taken. */
  readonly tried: number;
  readonly possible: number;
  /** Writes of the undisturbed plan. */
  readonly writes: number;
  readonly reads: number;
  /** Writes after which the copy was asked who gets through. */
  readonly judged: number;
  /** Whether the file has origins that may send requests through the outpost or not: both were tried. */
  readonly originsTried: 'as described' | 'asking and not asking';
  /** Each once, with the first trouble that it was seen in. */
  readonly holes: readonly Hole[];
  /** Changes that are not done if the plan is applied again after a failure, and would be without it. */
  readonly unfinished: readonly { readonly change: string; readonly trouble: string }[];
  /** Whoever gets through before the first step and also after the last, though the file does not admit them. */
  readonly standing: readonly Hole[];
  /** Parts that the copy lacks. */
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
