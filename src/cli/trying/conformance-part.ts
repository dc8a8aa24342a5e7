import type { Answered } from '../../conformance/answers.ts';
import type { AskedPlaces } from '../../conformance/report.ts';
import type { Conclusion } from '../../conformance/run.ts';
import type { Leftovers } from '../../conformance/sweep.ts';

export interface ConformanceOptions {
  /** Set together with `tunnel`; undefined: do not ask Cloudflare. */
  readonly zone?: string;
  readonly tunnel?: string;
  readonly authentik: boolean;
  readonly full: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly sweep: boolean;
  readonly fresh: boolean;
}

/** One of the two systems that a run tests. */
export interface ConformancePart {
  readonly place: AskedPlaces;
  /** The announcement to which a person agrees. */
  readonly announcement: string;
  /** Tests everything, and removes what it made, even after a stop. */
  ask(onAnswer: (answered: Answered) => void): Promise<Conclusion>;
  /** Objects that killed runs left in the system. */
  leftovers(): Promise<Leftovers>;
  /** Called once the leftovers are removed. */
  swept(): Promise<void>;
}
