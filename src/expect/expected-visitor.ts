import type { ExpectedVisitor } from '../config/model/config.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import type { Credential } from '../doors/admission/admission.ts';
import { holdsOf } from '../doors/admission/visitor.ts';
import { type NamedVisitor, visitorNamed } from '../interlock/named-visitor.ts';

/** The objects that the names of an assertion refer to. */
export interface NamesGround {
  readonly desired: Desired;
  readonly observed: readonly Observation[];
}

/**
 * Returns whether the visitor of an assertion holds a credential; undefined if the assertion does not say. A member of
 * groups is somebody whose address no policy names: conditions about an address concern other people.
 */
export function holdsAsExpected(
  expected: ExpectedVisitor,
  ground: NamesGround,
): (credential: Credential) => boolean | undefined {
  const holds = holdsOf(visitorNamed(nameOf(expected), ground));
  if (expected.who !== 'member') return holds;
  return (credential) => (credential.has === 'email' ? false : holds(credential));
}

function nameOf(expected: ExpectedVisitor): NamedVisitor {
  switch (expected.who) {
    case 'anonymous':
      return 'anonymous';
    case 'person':
      return { email: expected.email };
    case 'member':
      return { groups: expected.groups };
    case 'machine':
      return { token: expected.token };
  }
}
