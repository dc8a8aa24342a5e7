import type { WrongTokens } from '../cloudflare/account/organization.ts';
import { atHooks } from './reading/hooks-reading.ts';
import { type Attempt, atOutpost, type ExpectedLogin, forwarded } from './reading/outpost-reading.ts';
import { type EdgeReading, inTheWay, isTelling, refusedToken, type Telling } from './reading/reading.ts';
import { atTokenRules } from './reading/token-reading.ts';
import type { EdgeVerdict } from './reading/verdict.ts';
import { atVerify } from './reading/verify-reading.ts';
import { atWorker, type ExpectedWorker } from './reading/worker-reading.ts';

/** One request without any credentials of a person, which the gate has to answer. */
export interface CheckRequest extends Attempt {
  /** A call without a signature, and without a body. Default: GET. */
  readonly method?: 'POST';
  /** The path is no saved operation, so our own rule has to refuse it. */
  readonly unlisted?: true;
}

/**
 * The expected answer: the login of exactly our provider, exactly our Access application, the hooks listener of gates
 * for a call and no answer elsewhere, or `/verify` of gates, which must know the real request.
 */
export type Expectation =
  | ({ readonly type: 'authentik' } & ExpectedLogin)
  | {
      readonly type: 'access';
      readonly audience: string;
      /** The Worker behind the application, which only somebody who passes it sees; absent: gates does not ask. */
      readonly worker?: ExpectedWorker;
    }
  /** The Worker, or none, behind a cover. */
  | { readonly type: 'worker'; readonly worker: ExpectedWorker }
  | {
      readonly type: 'hooks';
      /** Expression of the only tunnel rule that leads to the listener. */
      readonly within: string;
    }
  /** The application itself asks, in an unknown way. */
  | { readonly type: 'anybody' }
  /** Rules of the edge, which refuse every request without a token. */
  | { readonly type: 'jwt' }
  | {
      /** `/verify` of gates, which judges tokens for this host. */
      readonly type: 'verify';
      readonly host: string;
    };

/** An unexpected answer, for people, and its meaning. */
export interface EdgeFinding {
  /** The part that answered; undefined if none did. */
  readonly by: EdgeVerdict['by'] | undefined;
  /** The request, and the part that answered. */
  readonly seen: string;
  /** The action to take; undefined if it is not known. */
  readonly advice: string | undefined;
  readonly weight: EdgeReading['weight'];
}

/** The expectation of a request that passes the cover of a host. */
export function throughCover(expected: Expectation): Expectation {
  const worker = expected.type === 'access' ? expected.worker : undefined;
  return worker === undefined ? expected : { type: 'worker', worker };
}

/** The finding on an answer; undefined when the gate answered. `wrongTokens`: see {@link refusedToken}. */
export function findingOn(
  look: CheckRequest,
  verdict: EdgeVerdict,
  expected: Expectation,
  wrongTokens?: WrongTokens,
): EdgeFinding | undefined {
  const refused = wrongTokens === undefined ? undefined : refusedToken(verdict, wrongTokens);
  return found(look, verdict, refused ?? reading(look, verdict, expected));
}

/** The obstacle between people and a host that is open to everybody; undefined if they reach the host. */
export function findingOnOpen(look: CheckRequest, verdict: EdgeVerdict): EdgeFinding | undefined {
  if (verdict.by === 'cache') return undefined;
  return found(look, verdict, isTelling(verdict) ? accessBefore(verdict) : inTheWay(verdict));
}

/** True if an answer leaves open whether the gate works. A 503 does not: then the host is closed. */
export function isUndecided({ by }: EdgeFinding): boolean {
  return (
    by === undefined ||
    ['elsewhere', 'challenge', 'cache', 'worker', 'block', 'edge-error', 'origin-error'].includes(by)
  );
}

/** A finding in one line. */
export function describeFinding({ seen, advice }: EdgeFinding): string {
  return advice === undefined ? seen : `${seen}: ${advice}`;
}

function found(
  look: CheckRequest,
  { by }: EdgeVerdict,
  reading: EdgeReading | undefined,
): EdgeFinding | undefined {
  if (reading === undefined) return undefined;
  const { answered, advice, weight } = reading;
  return { by, seen: `${requestText(look)} ${answered}`, advice, weight };
}

function accessBefore({ by }: Telling): EdgeReading | undefined {
  if (by !== 'access-login' && by !== 'access-refusal') return undefined;
  return {
    answered: by === 'access-login' ? 'was sent to the login of Access' : 'was refused by Access',
    advice: 'an Access application stands before a host that is open to everybody: remove it',
    weight: 'person',
  };
}

function reading(look: CheckRequest, verdict: EdgeVerdict, expected: Expectation): EdgeReading | undefined {
  if (expected.type === 'hooks') return atHooks(look.method === 'POST', verdict);
  if (expected.type === 'verify')
    return atVerify({ host: expected.host, path: look.path, claims: claimed(look) }, verdict);
  if (expected.type === 'worker') return atWorker(verdict, expected.worker);
  if (expected.type === 'jwt') return atTokenRules(look.unlisted === true, verdict);
  if (!isTelling(verdict)) return inTheWay(verdict);
  if (expected.type === 'anybody') return undefined;
  return expected.type === 'access' ? atAccess(verdict, expected) : atOutpost(look, verdict, expected);
}

/** The reading if Access has to ask. An answer of anything behind Access shows that it did not. */
function atAccess(verdict: Telling, { audience }: { readonly audience: string }): EdgeReading | undefined {
  if (verdict.by !== 'access-login' && verdict.by !== 'access-refusal') {
    return {
      answered: `got through Access to ${behindAccess(verdict)}`,
      advice: 'Access does not ask: look for another application or a bypass policy on the host',
      weight: 'open',
    };
  }
  if (verdict.audience === audience) return undefined;
  return {
    answered: 'was answered by another application of Access than ours',
    advice:
      'one on a longer path or of another owner stands before it: remove that, or take the host out of it',
    weight: 'passing',
  };
}

function behindAccess(verdict: Exclude<Telling, { readonly by: 'access-login' | 'access-refusal' }>): string {
  switch (verdict.by) {
    case 'application':
    case 'origin-error':
      return `the application (${verdict.status})`;
    case 'redirect':
      return `the application, which redirects to ${verdict.location}`;
    case 'loop':
      return 'the application, which redirects to where it came from';
    case 'hooks':
      return 'the hooks listener of gates';
    case 'verify':
      return 'the origin, which asks gates for a token';
    default:
      return 'Authentik';
  }
}

/** The header of a request, if a proxy uses it to name the original request. */
function claimed(look: CheckRequest): string | undefined {
  const header = forwarded(look);
  return header?.startsWith('X-Forwarded-') === true ? header : undefined;
}

function requestText({ path, method: lookMethod, headers = {} }: CheckRequest): string {
  const method = lookMethod ?? 'GET';
  const spoofed = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return spoofed.length === 0 ? `${method} ${path}` : `${method} ${path} with ${spoofed.join(', ')}`;
}
