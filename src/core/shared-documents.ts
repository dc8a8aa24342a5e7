/**
 * Another writer's change, noticed by this run, to a document that gates shares with others (the rules of a tunnel,
 * the providers of an outpost) or to objects of the same owner.
 */
export interface Interference {
  /** `loss`: something that was written is gone. `notice`: no write of gates has lost anything. */
  readonly severity: 'loss' | 'notice';
  /** The document or the object, `cloudflare/tunnel:homelab`. */
  readonly what: string;
  /** A description of the change, and the action to take. */
  readonly text: string;
}

export function describeInterference({ what, text }: Interference): string {
  return `${what}: ${text}`;
}

/** A document as this run last read or wrote it. */
export interface SeenDocument {
  /** The API's count of its writes; 0 if the API has no versions. */
  readonly version: number;
  /** Each entry as JSON, in order. */
  readonly entries: readonly string[];
  /** False: the form that this run sent, which the API may return differently. */
  readonly isRead: boolean;
}

/** A write whose reply was lost: it took effect, did not, or arrives later. */
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
  /** Entries, as JSON, that a late write of this run removed: the next write of the document restores them. */
  readonly lost: Map<string, readonly string[]>;
  readonly interferences: Interference[];
}

export function sharedDocuments(): SharedDocuments {
  return { seen: new Map(), unsure: new Map(), lost: new Map(), interferences: [] };
}
