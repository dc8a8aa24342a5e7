/**
 * Another writer's change, noticed by this run, to a document that gates shares with others (the rules of a tunnel,
 * the providers of an outpost) or to objects of the same owner.
 */
export interface Interference {
  /** `loss`: something that was written is gone. `notice`: nothing is lost by what gates did. */
  readonly severity: 'loss' | 'notice';
  /** The document or the object, `cloudflare/tunnel:homelab`. */
  readonly what: string;
  /** A description of the change, and the action to take. */
  readonly text: string;
}

export function describeInterference({ what, text }: Interference): string {
  return `${what}: ${text}`;
}

/** A document as this run has last read or written it. */
export interface SeenDocument {
  /** As the API counts its writes; 0 where the API has no versions. */
  readonly version: number;
  /** Each entry as JSON, in order. */
  readonly entries: readonly string[];
  /** False: as this run sent it, which the API may give back in another form. */
  readonly isRead: boolean;
}

/** A write whose reply was lost: it was carried out, was not, or arrives later. */
export interface UnsureWrite {
  /** Version of the document that was edited. */
  readonly base: number;
  readonly entries: readonly string[];
}

/**
 * The knowledge of one run about the documents that it shares with other writers, keyed by `tunnel ID` or `outpost
 * ID`.
 */
export interface SharedDocuments {
  readonly seen: Map<string, SeenDocument>;
  readonly unsure: Map<string, readonly UnsureWrite[]>;
  /** Entries, as JSON, that a late write of this run took out: the next write of the document puts them back. */
  readonly lost: Map<string, readonly string[]>;
  readonly interferences: Interference[];
}

export function sharedDocuments(): SharedDocuments {
  return { seen: new Map(), unsure: new Map(), lost: new Map(), interferences: [] };
}
