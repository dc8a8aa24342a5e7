import type { Notice } from '../../core/record/notice.ts';
import type { Post } from './post.ts';

/** A receiver of notices. */
export interface Receiver {
  /** For the log: `ntfy`, `slack`. */
  readonly name: string;
  /**
   * Resolves once the receiver has accepted the notice.
   * @throws UnreachableError if it does not answer or does not accept it now, RejectedError if it never will.
   */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** The parts from which a receiver is made. */
export interface ReceiverParts {
  readonly post: Post;
}

/** Reads a secret from its place, each time again, because it may have been replaced. */
export type ReadSecret = () => Promise<string>;
