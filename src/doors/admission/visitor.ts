import type { Admission, Credential } from './admission.ts';
import { type AdmissionVerdict, decideFor } from './decision.ts';
import { entailed } from './theory.ts';

/** The visitor, as described in a question about a door. Ids are those of the snapshot. */
export type DoorVisitor =
  /** Without a login and without a token. */
  | { readonly who: 'anonymous' }
  | Person
  /** A machine that sends id and secret of this service token. */
  | { readonly who: 'service-token'; readonly id: string }
  /** A machine that sends a token of this client, which these configurations of API Shield accept. */
  | { readonly who: 'bearer'; readonly client: string; readonly configurations: readonly string[] };

/** A person who can log in wherever a login is asked for, and has no session from before. */
interface Person {
  readonly who: 'person';
  /** Undefined: unknown. */
  readonly address?: string;
  /** Groups of the person's account at Authentik, without those in which these lie; undefined: maybe there is no account. */
  readonly groups?: readonly { readonly id: string; readonly name: string }[];
  /** Claims whose values are known, by name; nothing is known of others. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Returns whether the visitor holds a credential. Undefined: the question does not say. This applies to networks,
 * countries and devices for everybody, and to accounts, groups and claims for a person who is known only by an email address.
 */
export function holdsOf(visitor: DoorVisitor): (credential: Credential) => boolean | undefined {
  return (credential) => {
    if (ofRequest.has(credential.has)) return undefined;
    switch (visitor.who) {
      case 'anonymous':
        return false;
      case 'service-token':
        if (credential.has === 'service-token') return credential.id === visitor.id;
        return credential.has === 'any-service-token';
      case 'bearer':
        if (credential.has === 'bearer') return visitor.configurations.includes(credential.configuration);
        if (credential.has !== 'audience') return false;
        return (
          credential.audience === visitor.client && visitor.configurations.includes(credential.configuration)
        );
      case 'person':
        return holdsOfPerson(visitor, credential);
    }
  };
}

function holdsOfPerson(
  { address, groups, claims = {} }: Person,
  credential: Credential,
): boolean | undefined {
  switch (credential.has) {
    case 'identity':
    case 'login':
      return true;
    case 'email':
    case 'email-domain':
      return address === undefined ? undefined : entailed({ has: 'email', address }, credential);
    case 'authentication-method':
    case 'approval':
    case 'user':
    case 'authentik-rule':
      return undefined;
    case 'claim':
      return claims[credential.name]?.includes(credential.value);
    case 'account':
      return groups === undefined ? undefined : true;
    case 'group':
      return groups?.some(({ id }) => id === credential.id);
    default:
      return false;
  }
}

/** The verdict on a visitor: like `AdmissionVerdict`, or `login`: a login to which they are sent may let them in. */
export type VisitorVerdict = AdmissionVerdict | 'login';

/**
 * The verdict on a visitor at a door with this admission. `login`: they are refused without a login, but a visitor who
 * is otherwise like them and logs in may be admitted.
 */
export function verdictFor(admission: Admission, visitor: DoorVisitor): VisitorVerdict {
  const holds = holdsOf(visitor);
  const verdict = decideFor(admission, holds);
  if (verdict !== 'refused' || visitor.who === 'person') return verdict;
  const withLogin = decideFor(admission, (credential) =>
    comesFromLogin(credential) ? undefined : holds(credential),
  );
  return withLogin === 'refused' ? 'refused' : 'login';
}

/** True for a credential that a visitor gets by a login. */
export function comesFromLogin({ has }: Credential): boolean {
  return ofLogin.has(has);
}

/** Credentials of the request, whoever the visitor is. */
const ofRequest: ReadonlySet<Credential['has']> = new Set(['network', 'country', 'posture', 'certificate']);

const ofLogin: ReadonlySet<Credential['has']> = new Set([
  ...(['identity', 'login', 'email', 'email-domain', 'claim', 'authentication-method'] as const),
  ...(['approval', 'account', 'user', 'group', 'authentik-rule'] as const),
]);
