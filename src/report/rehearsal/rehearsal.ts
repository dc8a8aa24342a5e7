/** The behavior of origins that should ask the outpost: the file only claims it, so the rehearsal tries both. */
export type Origins = 'ask' | 'do not ask';

/** Somebody who gets through a door of the copy, although the file does not admit them and they could not before. */
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
  /** The behavior of origins; only if both were tried. */
  readonly origins?: Origins;
}

/** The result of a rehearsal; part of `--output json`, which schema/plan.schema.json describes. */
export interface Rehearsal {
  /** The same seed repeats the same trials. */
  readonly seed: number;
  /** The number of tried disturbances, of all `possible` ones; the seed decides which. */
  readonly tried: number;
  readonly possible: number;
  /** The number of writes of the undisturbed plan. */
  readonly writes: number;
  readonly reads: number;
  /** The number of writes after which the rehearsal checked who gets through. */
  readonly judged: number;
  /** The tried behavior of origins: the second if the file only claims that they ask the outpost. */
  readonly originsTried: 'as described' | 'asking and not asking';
  /** Each hole once, with the first trouble that showed it. */
  readonly holes: readonly Hole[];
  /** Changes that are not done if the plan is applied again after a failure, and would be without it. */
  readonly unfinished: readonly { readonly change: string; readonly trouble: string }[];
  /** People who get through before the first step and also after the last, though the file does not admit them. */
  readonly standing: readonly Hole[];
  /** Parts that the copy lacks. */
  readonly unplayed: readonly string[];
  /** The parts of `unplayed` that concern rules which the copy cannot read or try: whom they admit is unknown. */
  readonly unread: readonly string[];
}

/** True if every rule could be read, and no hole or unfinished change was found. */
export function isSafe(rehearsal: Rehearsal): boolean {
  return rehearsal.unread.length === 0 && !isBad(rehearsal);
}

/** True if a hole or an unfinished change was found. */
export function isBad({ holes, unfinished }: Rehearsal): boolean {
  return holes.length > 0 || unfinished.length > 0;
}
