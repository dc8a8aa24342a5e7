import type { Part } from '../../core/objects/part.ts';

/** The state of the live systems, as far as gates knows it, or the state that a file asks for. */
export interface Snapshot {
  readonly parts: readonly Part[];
  /** Sorts of parts that could not be read: unknown, never absent. */
  readonly unread?: ReadonlySet<Part['part']>;
  /** Parts that may have one of several values: a write may not have arrived at the edge, or its reply was lost. */
  readonly choices?: readonly Choice[];
}

/** One of these values; nobody knows which. */
export interface Choice {
  /** Names the choice; two snapshots with the same name mean the same choice, value by value. */
  readonly name: string;
  readonly reason: string;
  /**
   * At least two. Each replaces the parts that the choice is about, which `Snapshot.parts` leaves out. If the order of
   * parts matters (rules of a zone or a tunnel), a value has all of them.
   */
  readonly values: readonly (readonly Part[])[];
}

/** One request from the internet, as sent. */
export interface DoorRequest {
  /** Lower case, without a port. */
  readonly host: string;
  /** Begins with `/`; neither decoded nor normalized; without a query. */
  readonly path: string;
  /** Default: `GET`. */
  readonly method?: string;
}

/** A place at which visitors are admitted: a request, or the login of a client without a host, at Authentik's own pages. */
export interface ComparedDoor extends DoorRequest {
  /** Id of the client's application. The host is then the same id, and the path is empty. */
  readonly application?: string;
}
