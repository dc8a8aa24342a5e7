import type { DoorExpectation, ExpectedVisitor } from '../config/model/config.ts';
import type { Unknown } from '../doors/admission/admission.ts';
import type { Breach } from './judgment.ts';

/** An assertion as a clause: `deny for an anonymous visitor at https://docs.example.dev/admin`. */
export function assertionText({ verdict, visitor, ...door }: DoorExpectation): string {
  return `${verdict} for ${visitorText(visitor)} at ${doorText(door)}`;
}

function doorText({ host, path, method }: Pick<DoorExpectation, 'host' | 'path' | 'method'>): string {
  return `${method === 'GET' ? '' : `${method} `}https://${host}${path}`;
}

function visitorText(visitor: ExpectedVisitor): string {
  switch (visitor.who) {
    case 'anonymous':
      return 'an anonymous visitor';
    case 'person':
      return visitor.email;
    case 'member':
      return `a member of ${visitor.groups.join(' and ')}`;
    case 'machine':
      return `the service token ${visitor.token}`;
  }
}

/** The visitor's actual result, as the end of a sentence. */
export function breachText(breach: Breach, verdict: DoorExpectation['verdict']): string {
  if (breach === 'no login') return 'the visitor is refused, and nothing asks for a login';
  return `the visitor ${breach}${verdict === 'login' ? ' without a login' : ''}`;
}

/** `unknown, because of origin (http://app.lan)`: the reasons are those of decision 34. */
export function unknownAssertion(facts: readonly Unknown[]): string {
  const reasons = facts.map(({ reason, about }) => (about === '' ? reason : `${reason} (${about})`));
  return `unknown, because of ${[...new Set(reasons)].join(', ')}`;
}
