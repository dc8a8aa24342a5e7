import type { Part } from '../core/part.ts';
import type { Admission } from './admission.ts';

/** One request of the internet, as sent. */
export interface DoorRequest {
  /** Lower case, without a port. */
  readonly host: string;
  /** Begins with `/`; neither decoded nor normalized; without a query. */
  readonly path: string;
  /** Default: `GET`. */
  readonly method?: string;
}

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
  /** At least two. Each replaces the parts of `Snapshot.parts` that the choice is about, which are not in there. */
  readonly values: readonly (readonly Part[])[];
}

/** A way by which a request gets through to something that answers it. */
export interface Way {
  /** What answers: the origin as its rule or record names it (and the host it is asked for), or `copies of HOST`. */
  readonly to: string;
  readonly admits: Admission;
}

/** Every way of a request, with whom each admits. A request that is refused whoever makes it has none. */
export declare function waysTo(snapshot: Snapshot, request: DoorRequest): readonly Way[];
