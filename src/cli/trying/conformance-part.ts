import type { Answered } from '../../conformance/answers.ts';
import type { AskedPlaces } from '../../conformance/report.ts';
import type { Conclusion } from '../../conformance/run.ts';
import type { Leftovers } from '../../conformance/sweep.ts';

export interface ConformanceOptions {
  /** With `tunnel`; undefined: Cloudflare is not asked. */
  readonly zone?: string;
  readonly tunnel?: string;
  readonly authentik: boolean;
  readonly full: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly sweep: boolean;
  readonly fresh: boolean;
}

/** One of the two systems that a run asks. */
export interface ConformancePart {
  readonly place: AskedPlaces;
  /** The announcement that a person agrees to. */
  readonly announcement: string;
  /** Asks everything, and removes what it made, also after a stop. */
  ask(onAnswer: (answered: Answered) => void): Promise<Conclusion>;
  /** Objects that killed runs left there. */
  leftovers(): Promise<Leftovers>;
  /** Called once those are removed. */
  swept(): Promise<void>;
}
