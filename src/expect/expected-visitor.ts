import type { ExpectedVisitor } from '../config/config.ts';
import { groupsClaim } from '../core/groups-claim.ts';
import type { Credential } from '../doors/admission.ts';
import { type DoorVisitor, holdsOf } from '../doors/visitor.ts';

/**
 * Whether the visitor of an assertion holds a credential; undefined where the assertion does not say. A member of groups is
 * somebody whose address no policy names: what is said about one address is about another person.
 */
export function holdsAsExpected(expected: ExpectedVisitor): (credential: Credential) => boolean | undefined {
  const holds = holdsOf(visitorOf(expected));
  if (expected.who !== 'member') return holds;
  return (credential) => (credential.has === 'email' ? false : holds(credential));
}

function visitorOf(expected: ExpectedVisitor): DoorVisitor {
  switch (expected.who) {
    case 'anonymous':
      return expected;
    case 'person':
      return { who: 'person', address: expected.email };
    case 'member': {
      const groups = expected.groups.map((name) => ({ id: `authentik/group:${name}`, name }));
      return { who: 'person', groups, claims: { [groupsClaim]: expected.groups } };
    }
    case 'machine':
      return { who: 'service-token', id: `cloudflare/service-token:${expected.token}` };
  }
}
