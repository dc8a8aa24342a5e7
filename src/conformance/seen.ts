import type { EdgeVerdict } from '../../reconcilers/edge/reading/verdict.ts';
import type { EdgeAnswer } from '../core/world.ts';

/** The answer to one request, and who gave it. */
export interface Seen {
  readonly answer: EdgeAnswer;
  readonly by: EdgeVerdict;
}

/** True if the name does not lead to the edge: a sandbox's edge has an error of its own for this. */
export function isUnknown({ by }: Seen): boolean {
  return by.by === 'elsewhere' || by.by === 'edge-error';
}

/** The answering part, for a line: `302 by access-login`. */
export function described({ answer: { status }, by }: Seen): string {
  return status === 0 ? 'no answer' : `${status}, read as "${by.by}"`;
}
