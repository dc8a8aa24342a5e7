import type { Notice } from '../../core/record/notice.ts';
import type { Post } from './post.ts';

/** Somebody who is told. */
export interface Receiver {
  /** For the log: `ntfy`, `slack`. */
  readonly name: string;
  /**
   * Resolves once the other side has taken it.
   * @throws UnreachableError when it does not answer or does not take it now, RejectedError when it never will.
   */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** The parts from which a receiver is made. */
export interface ReceiverParts {
  readonly post: Post;
}

/** Reads a secret where the file says it is, each time anew: it may have been replaced. */
export type ReadSecret = () => Promise<string>;
