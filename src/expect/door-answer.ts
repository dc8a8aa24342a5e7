import type { DoorExpectation } from '../config/model/config.ts';
import { type Admission, allOf, type Credential, negated } from '../doors/admission/admission.ts';
import { assuming, unsatisfiable } from '../doors/admission/decision.ts';
import { comesFromLogin } from '../doors/admission/visitor.ts';
import { admissionAt, type KnownDoor } from '../doors/interlock.ts';
import type { PartStore } from '../doors/state/part-store.ts';
import { holdsAsExpected, type NamesGround } from './expected-visitor.ts';

/**
 * The answer to the visitor of an assertion at its door, in one state of the doors. The assertion has decided each
 * credential that it names, so the formulas contain only the others, which are unknown.
 */
export interface DoorAnswer extends KnownDoor {
  /** The condition on which the visitor gets in, with any login that they can make. */
  readonly admitted: Admission;
  /** The condition on which the visitor gets in without a login. */
  readonly withoutLogin: Admission;
  /** The condition on which a visitor gets in who has the same credentials and also every login. */
  readonly withSomeLogin: Admission;
}

export function answerAt(store: PartStore, expectation: DoorExpectation, ground: NamesGround): DoorAnswer {
  const { host, path, method, visitor } = expectation;
  const door = admissionAt(store, { host, path, method });
  const holds = holdsAsExpected(visitor, ground);
  const withLogin = (value: boolean | undefined) => (credential: Credential) =>
    comesFromLogin(credential) ? value : holds(credential);
  return {
    ...door,
    admitted: assuming(door.admits, holds),
    withoutLogin: assuming(door.admits, withLogin(false)),
    withSomeLogin: assuming(door.admits, withLogin(undefined)),
  };
}

/** Gates' own probe, which a cover admits. */
const probe = { has: 'service-token', id: 'cloudflare/service-token:probe' } as const;

/** True if a door admits only gates' probe: it is closed or covered, or leads nowhere. */
export function isShut({ admits }: DoorAnswer): boolean {
  return unsatisfiable(allOf(admits, negated(probe)));
}
