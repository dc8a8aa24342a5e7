import type { DoorExpectation } from '../config/model/config.ts';
import {
  type Admission,
  allOf,
  anyOf,
  everybody,
  nobody,
  type Unknown,
} from '../doors/admission/admission.ts';
import { type AdmissionVerdict, decideFor, decideForSome, implies } from '../doors/admission/decision.ts';
import { comesFromLogin } from '../doors/admission/visitor.ts';
import { type DoorAnswer, isShut } from './door-answer.ts';

type Verdict = DoorExpectation['verdict'];

/** The answer that breaks the assertion. `no login`: the visitor does not get in, and nothing asks for a login. */
export type Breach = 'gets in' | 'does not get in' | 'no login';

/** The judgment of an assertion in one state of the doors. */
export type Judgment = 'holds' | { readonly breach: Breach } | { readonly unknown: readonly Unknown[] };

export function judged(answer: DoorAnswer, verdict: Verdict): Judgment {
  switch (verdict) {
    case 'allow':
      return judgment(verdictOn(answer.admitted), 'admitted', 'does not get in');
    case 'deny':
      return judgment(verdictOn(answer.admitted), 'refused', 'gets in');
    case 'login': {
      const refused = judgment(verdictOn(answer.withoutLogin), 'refused', 'gets in');
      if (refused !== 'holds') return refused;
      return judgment(decideForSome(answer.withSomeLogin, comesFromLogin), 'admitted', 'no login');
    }
  }
}

function judgment(verdict: AdmissionVerdict, expected: AdmissionVerdict, breach: Breach): Judgment {
  if (typeof verdict === 'object') return verdict;
  return verdict === expected ? 'holds' : { breach };
}

/** The verdict of a formula in which the visitor's credentials are filled in. */
function verdictOn(admission: Admission): AdmissionVerdict {
  return decideFor(admission, () => undefined);
}

/** One door in two states, and in the state that the file wants. */
export interface Comparison {
  readonly before: DoorAnswer;
  readonly after: DoorAnswer;
  readonly goal: DoorAnswer;
  /** True if the plan shows that the door is shut. */
  readonly isShown: boolean;
}

/**
 * The loss of an assertion from one state to the other: in some case of the unknown facts, which are the same in both,
 * it holds before and not after. A shut door satisfies `deny` and `login`, and satisfies `allow` if the plan shows
 * it. If the goal cannot be decided, a state may be as undecided as the goal.
 */
export function lostBy({ before, after, goal, isShown }: Comparison, verdict: Verdict): Breach | undefined {
  const end = judged(goal, verdict);
  const isUndecided = end !== 'holds' && 'unknown' in end;
  switch (verdict) {
    case 'allow': {
      if (isShown && isShut(after)) return undefined;
      const due = allOf(before.admitted, isUndecided ? goal.admitted : everybody);
      return implies(due, after.admitted) ? undefined : 'does not get in';
    }
    case 'deny': {
      const allowed = anyOf(before.admitted, isUndecided ? goal.admitted : nobody);
      return implies(after.admitted, allowed) ? undefined : 'gets in';
    }
    case 'login': {
      const allowed = anyOf(before.withoutLogin, isUndecided ? goal.withoutLogin : nobody);
      if (!implies(after.withoutLogin, allowed)) return 'gets in';
      if (isUndecided || isShut(after) || judged(before, verdict) !== 'holds') return undefined;
      return judged(after, verdict) === 'holds' ? undefined : 'no login';
    }
  }
}
