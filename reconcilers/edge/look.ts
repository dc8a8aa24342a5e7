import type { WrongTokens } from '../cloudflare/organization.ts';
import { atHooks } from './hooks-reading.ts';
import { inTheWay, isTelling, type Reading, refusedToken, type Telling } from './reading.ts';
import { atTokenRules } from './token-reading.ts';
import type { LoginRequest, Verdict } from './verdict.ts';
import { atVerify } from './verify-reading.ts';

/** One request that has to be answered by the gate, without any credentials of a person. */
export interface Look {
  /** As it is sent, escapes and dots included. */
  readonly path: string;
  /** A call without a signature, and without a body. Default: GET. */
  readonly method?: 'POST';
  /** Headers that a stranger may send as well. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The path is no saved operation: our own rule has to refuse it. */
  readonly unlisted?: true;
  /** The path has an encoded slash: the origin may refuse it (400) instead of asking. */
  readonly encoded?: true;
}

/**
 * Who has to answer: the login of exactly our provider, exactly our Access application, the hooks listener of gates where
 * it is called and nobody anywhere else, or `/verify` of gates, told of what was really asked.
 */
export type Expectation =
  | ({
      readonly type: 'authentik';
      /** Logins of ours that still guard the host, and go once the new one stands: it is no less guarded by them. */
      readonly leaving?: readonly LoginRequest[];
    } & LoginRequest)
  | { readonly type: 'access'; readonly audience: string }
  | {
      readonly type: 'hooks';
      /** Expression of the one rule of the tunnel that leads to the listener. */
      readonly within: string;
    }
  /** The application itself asks, in a way that nobody knows. */
  | { readonly type: 'anybody' }
  /** Rules of the edge, which refuse whoever brings no token. */
  | { readonly type: 'jwt' }
  | {
      /** `/verify` of gates, which judges tokens for this host. */
      readonly type: 'verify';
      readonly host: string;
    };

/** What was seen instead, for people, and what it means. */
export interface Finding {
  /** Who answered; undefined when nobody did. */
  readonly by: Verdict['by'] | undefined;
  /** What was asked, and who answered. */
  readonly seen: string;
  /** What to do; undefined where it is not known. */
  readonly advice: string | undefined;
  readonly weight: Reading['weight'];
}

/** The finding on an answer; undefined when the gate answered. `wrongTokens`: see {@link refusedToken}. */
export function findingOn(
  look: Look,
  verdict: Verdict,
  expected: Expectation,
  wrongTokens?: WrongTokens,
): Finding | undefined {
  const refused = wrongTokens === undefined ? undefined : refusedToken(verdict, wrongTokens);
  return found(look, verdict, refused ?? reading(look, verdict, expected));
}

/** What keeps people from a host that is open to everybody; undefined when they get to it. */
export function findingOnOpen(look: Look, verdict: Verdict): Finding | undefined {
  if (verdict.by === 'cache') return undefined;
  return found(look, verdict, isTelling(verdict) ? accessBefore(verdict) : inTheWay(verdict));
}

/** Whether an answer tells neither that the gate asks nor that it does not; what answers 503 is closed. */
export function isUndecided({ by }: Finding): boolean {
  return (
    by === undefined ||
    ['elsewhere', 'challenge', 'cache', 'block', 'edge-error', 'origin-error'].includes(by)
  );
}

/** A finding in one line. */
export function describeFinding({ seen, advice }: Finding): string {
  return advice === undefined ? seen : `${seen}: ${advice}`;
}

function found(look: Look, { by }: Verdict, reading: Reading | undefined): Finding | undefined {
  if (reading === undefined) return undefined;
  const { answered, advice, weight } = reading;
  return { by, seen: `${asked(look)} ${answered}`, advice, weight };
}

function accessBefore({ by }: Telling): Reading | undefined {
  if (by !== 'access-login' && by !== 'access-refusal') return undefined;
  return {
    answered: by === 'access-login' ? 'was sent to the login of Access' : 'was refused by Access',
    advice: 'an Access application stands before a host that is open to everybody: remove it',
    weight: 'person',
  };
}

function reading(look: Look, verdict: Verdict, expected: Expectation): Reading | undefined {
  if (expected.type === 'hooks') return atHooks(look.method === 'POST', verdict);
  if (expected.type === 'verify')
    return atVerify({ host: expected.host, path: look.path, claims: claimed(look) }, verdict);
  if (expected.type === 'jwt') return atTokenRules(look.unlisted === true, verdict);
  if (!isTelling(verdict)) return inTheWay(verdict);
  if (expected.type === 'anybody') return undefined;
  return expected.type === 'access' ? atAccess(verdict, expected) : atOutpost(look, verdict, expected);
}

/** Where Access has to ask; everything that stands behind it shows that it did not. */
function atAccess(verdict: Telling, { audience }: { readonly audience: string }): Reading | undefined {
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

/** Where the outpost has to ask. */
function atOutpost(look: Look, verdict: Telling, expected: LoginRequest): Reading | undefined {
  switch (verdict.by) {
    case 'authentik':
      return atLogin(look, verdict.request, expected);
    case 'authentik-start':
      return {
        answered: 'was sent to the start of a login that leads nowhere',
        advice: 'look at the log of the outpost',
        weight: 'passing',
      };
    case 'no-application':
      return noApplication(look);
    case 'application':
      return verdict.empty === true ? withoutBody(look) : throughTo(look, verdict.status);
    case 'hooks':
    case 'verify':
      return throughTo(look, 401);
    case 'redirect':
      return redirected(look, verdict.location);
    case 'loop':
      return {
        answered: 'was redirected to where it came from',
        advice:
          'the entry point that the tunnel reaches redirects to https: have it send X-Forwarded-Proto: https and take the redirect out',
        weight: 'person',
      };
    case 'origin-error':
      return {
        answered: `was answered with ${verdict.status} by the origin`,
        advice: 'it failed, or could not ask the outpost: check that both run, and the log of the origin',
        weight: 'passing',
      };
    case 'access-login':
      return {
        answered: 'was sent to the login of Access',
        advice: 'an Access application stands before the host as well: people would log in twice; remove it',
        // One that has just gone, or has just been told of the probe, answers so for some seconds more.
        weight: 'passing',
      };
    case 'access-refusal':
      return {
        answered: 'was refused by Access',
        advice:
          'the cover does not admit the probe (yet), or another Access application stands before the host',
        weight: 'passing',
      };
  }
}

function atLogin(
  look: Look,
  request: LoginRequest,
  expected: LoginRequest & Pick<Extract<Expectation, { type: 'authentik' }>, 'leaving'>,
): Reading | undefined {
  const wrong = mismatch(request, expected);
  const isLeaving = expected.leaving?.some((login) => mismatch(request, login) === undefined);
  if (wrong === undefined || isLeaving === true) return undefined;
  const flaw = forwarded(look);
  return flaw === 'X-Forwarded-Host' ? trusted(flaw, wrong.answered) : { ...wrong, weight: 'passing' };
}

function mismatch(request: LoginRequest, expected: LoginRequest): Omit<Reading, 'weight'> | undefined {
  if (request.clientId !== expected.clientId) {
    return {
      answered: `was asked to log in to another application of Authentik (client ${request.clientId})`,
      advice: 'another provider answers for the host: remove it, or wait until the outpost has ours',
    };
  }
  if (request.login !== expected.login) {
    return {
      answered: `was sent to ${request.login} to log in, not to ${expected.login}`,
      advice: 'the outpost has another `authentik_host`; a local setting of the outpost may override ours',
    };
  }
  if (request.callback !== expected.callback) {
    return {
      answered: `would come back to ${request.callback} from the login, not to ${expected.callback}`,
      advice: 'the provider has another external host',
    };
  }
  return undefined;
}

/** An outpost answers so that cannot keep a session, and to what it takes for the way back from a login. */
function withoutBody(look: Look): Reading | undefined {
  if (look.encoded === true) return undefined;
  return {
    answered: 'was answered with 400 and nothing else',
    advice: 'the outpost cannot keep its session, or the application refuses: look at the log of the outpost',
    weight: 'passing',
  };
}

function noApplication(look: Look): Reading {
  const answered = 'was answered by Authentik, which knows no application for the host';
  const flaw = forwarded(look);
  if (flaw === 'X-Forwarded-Host') return trusted(flaw, answered);
  return { answered, advice: 'the outpost has not taken the provider over yet', weight: 'passing' };
}

function throughTo(look: Look, status: number): Reading | undefined {
  // Whoever refuses the spelling lets nobody by with it.
  if (look.encoded === true && status === 400) return undefined;
  const answered = `got through to the application (${status})`;
  const flaw = forwarded(look);
  if (flaw !== undefined) return trusted(flaw, answered);
  return { answered, advice: adviceOnOpen(look, status), weight: 'open' };
}

function adviceOnOpen({ path, encoded }: Look, status: number): string {
  if (encoded === true) {
    return 'the outpost takes an encoded slash for a slash and lets the path by as an exception, and the application may read another path: have the origin refuse it (`gates outputs --format traefik` says how), or take the exception out';
  }
  if (path !== '/') {
    return 'the outpost lets this path by as if it were an exception: look for another outpost or middleware in between';
  }
  const missing =
    status === 404
      ? 'the origin has no router for the host, or one that does not send it through the outpost'
      : 'the origin does not send the host through the outpost';
  return `${missing}: add the forward-auth middleware to its router (\`gates outputs --format traefik\` prints it)`;
}

function redirected(look: Look, location: string): Reading {
  const answered = `was redirected to ${location}`;
  const flaw = forwarded(look);
  if (flaw !== undefined) return trusted(flaw, answered);
  return {
    answered,
    advice: 'the application answers before anybody asks who is there: send the host through the outpost',
    weight: 'open',
  };
}

/** The header by which a look tried to get around the gate. */
function forwarded({ headers = {} }: Look): string | undefined {
  return Object.keys(headers)[0];
}

/** The same, where it is one of those by which a proxy tells what was asked for. */
function claimed(look: Look): string | undefined {
  const header = forwarded(look);
  return header?.startsWith('X-Forwarded-') === true ? header : undefined;
}

function trusted(header: string, answered: string): Reading {
  return {
    answered,
    advice: `the origin hands a client's ${header} to the outpost: drop the header before the forward-auth middleware, and do not trust forwarded headers on that entry point`,
    weight: 'open',
  };
}

function asked({ path, method: given, headers = {} }: Look): string {
  const method = given ?? 'GET';
  const spoofed = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return spoofed.length === 0 ? `${method} ${path}` : `${method} ${path} with ${spoofed.join(', ')}`;
}
