import type { AccessDecision, AccessRule } from '../../../reconcilers/cloudflare/access-policy.ts';
import type { Config } from '../../config/config.ts';
import type { DesiredObject } from '../../core/object.ts';
import type { Linked } from '../../core/reference.ts';
import type { Door } from '../doors.ts';

/** What Access asks at a door; a gate that Access does not enforce has none. */
export interface AccessTerms {
  readonly decision: AccessDecision;
  readonly include: Linked<readonly AccessRule[]>;
  /** Go duration; absent: the account's own default. */
  readonly sessionDuration?: string;
}

/** How a gate that is built is written in the systems. A new gate is a file of these and a row of index.ts. */
export interface BuiltGate {
  /** Why this door cannot be built as the file has it, and what to do; undefined when it can. */
  readonly refuse: (door: Door, config: Config) => string | undefined;
  /** Undefined: Access asks nothing here. */
  readonly access: (door: Door) => AccessTerms | undefined;
  /** Objects of its own, beside the application, the rule and the record that every door has. */
  readonly objects?: (door: Door, config: Config) => readonly DesiredObject[];
}
