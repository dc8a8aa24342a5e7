import type { CheckRequest, Expectation } from './finding.ts';
import type { Kept } from './storing-check.ts';

/** The check that a host's gate answers through the edge. Keyed by the host; no system has an object for it. */
export interface GateCheckSpec {
  readonly expect: Expectation;
  readonly looks: readonly CheckRequest[];
  /** The host is under cover, so the probe identifies itself. */
  readonly covered: boolean;
  /** This run opens the host, and closes it again if the gate cannot be confirmed. */
  readonly opened: boolean;
  /** The host was open before, and stays open if nobody can check it: the tunnel itself demands the gate's token. */
  readonly stands?: true;
  /** This run wrote something at the host that may not have reached the edge. */
  readonly changed: boolean;
  /** The run checks every gate, so it asks the origin too. */
  readonly watched?: boolean;
  /** The measure that keeps the host's answers out of Cloudflare's cache, if the run has to check it. */
  readonly cache?: Kept;
  /** Observed only: the finding of the last failed check. */
  readonly finding?: string;
}

/**
 * The result of a check, as an attribute of its outcome:
 * - `guarded`: the gate answered.
 * - `closed`: it did not, and the host answers 503.
 * - `covered`: it did not, and the host stays under its cover, or behind its previous gate.
 * - `open`: a stranger got through, and gates could not close the host.
 * - `unproved`: the answer is unclear; gates closed and opened nothing.
 */
export type GateVerdict = 'guarded' | 'closed' | 'covered' | 'open' | 'unproved';
