import type { Part } from '../../core/objects/part.ts';

/** What gates knows of the live systems, or what a file asks of them. */
export interface Snapshot {
  readonly parts: readonly Part[];
  /** Sorts of parts that could not be read: unknown, never absent. */
  readonly unread?: ReadonlySet<Part['part']>;
  /** Parts that may be one or another: at the edge a write may not have arrived, or its reply was lost. */
  readonly choices?: readonly Choice[];
}

/** One of these, and nobody knows which. */
export interface Choice {
  /** Names the choice; two snapshots with the same name mean the same choice, value by value. */
  readonly name: string;
  readonly reason: string;
  /**
   * At least two. Each replaces the parts of `Snapshot.parts` that the choice is about, which are not in there. Where the
   * order of parts matters (rules of a zone or a tunnel), a value has all of them.
   */
  readonly values: readonly (readonly Part[])[];
}

/** One request of the internet, as sent. */
export interface DoorRequest {
  /** Lower case, without a port. */
  readonly host: string;
  /** Begins with `/`; neither decoded nor normalized; without a query. */
  readonly path: string;
  /** Default: `GET`. */
  readonly method?: string;
}
