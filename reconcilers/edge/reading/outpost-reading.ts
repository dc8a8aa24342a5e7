import type { EdgeReading, Telling } from './reading.ts';
import type { LoginRequest } from './verdict.ts';

/** A request that a stranger may send, and the ways in which a gate may answer it without a login. */
export interface Attempt {
  /** The path as it is sent, with escapes and dots. */
  readonly path: string;
  /** Headers that a stranger may send as well. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The path has an encoded slash: the origin may refuse it (400) instead of asking. */
  readonly encoded?: true;
  /**
   * The path begins like a path of the outpost itself, and its dots lead out of there. The outpost may answer it, and
   * the origin may refuse it (400) or redirect to the path without dots.
   */
  readonly outpost?: true;
}

/** The login that a stranger must be sent to. */
export interface ExpectedLogin extends LoginRequest {
  /** Logins of ours that still guard the host, just as well, and that gates removes once the new one works. */
  readonly leaving?: readonly LoginRequest[];
}

/** The reading if the outpost has to ask. */
export function atOutpost(look: Attempt, verdict: Telling, expected: ExpectedLogin): EdgeReading | undefined {
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
      return look.outpost === true ? undefined : noApplication(look);
    case 'application':
      return verdict.empty === true ? withoutBody(look) : throughTo(look, verdict.status);
    case 'hooks':
    case 'verify':
      return throughTo(look, 401);
    case 'redirect':
      return redirected(look, verdict.location);
    case 'loop':
      if (look.outpost === true) return undefined;
      return {
        answered: 'was redirected to where it came from',
        advice:
          'the entry point that the tunnel reaches redirects to https: make it send X-Forwarded-Proto: https, and remove the redirect',
        weight: 'person',
      };
    case 'origin-error':
      return originError(look, verdict.status);
    case 'access-login':
      return {
        answered: 'was sent to the login of Access',
        advice: 'an Access application stands before the host as well: people would log in twice; remove it',
        // An application that was just removed, or just learned of the probe, still answers so for some seconds.
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

function atLogin(look: Attempt, request: LoginRequest, expected: ExpectedLogin): EdgeReading | undefined {
  const wrong = mismatch(request, expected);
  const isLeaving = expected.leaving?.some((login) => mismatch(request, login) === undefined);
  if (wrong === undefined || isLeaving === true) return undefined;
  const flaw = forwarded(look);
  return flaw === 'X-Forwarded-Host' ? trusted(flaw, wrong.answered) : { ...wrong, weight: 'passing' };
}

function mismatch(request: LoginRequest, expected: LoginRequest): Omit<EdgeReading, 'weight'> | undefined {
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

/** The reading of an empty 400: the outpost cannot keep a session, or takes the request for a return from a login. */
function withoutBody(look: Attempt): EdgeReading | undefined {
  if (mayRefuse(look)) return undefined;
  return {
    answered: 'was answered with 400 and nothing else',
    advice: 'the outpost cannot keep its session, or the application refuses: look at the log of the outpost',
    weight: 'passing',
  };
}

function noApplication(look: Attempt): EdgeReading {
  const answered = 'was answered by Authentik, which knows no application for the host';
  const flaw = forwarded(look);
  if (flaw === 'X-Forwarded-Host') return trusted(flaw, answered);
  return { answered, advice: 'the outpost has not loaded the provider yet', weight: 'passing' };
}

function originError(look: Attempt, status: number): EdgeReading {
  const answered = `was answered with ${status} by the origin`;
  const flaw = forwarded(look);
  // If an origin understands only 401 as a refusal, it fails when the outpost does not know the host.
  if (flaw === 'X-Forwarded-Host') return { ...trusted(flaw, answered), weight: 'passing' };
  const advice = 'it failed, or could not ask the outpost: check that both run, and the log of the origin';
  return { answered, advice, weight: 'passing' };
}

/** True if a 400 is fine for this spelling: an origin that refuses it admits nobody. */
function mayRefuse({ encoded, outpost }: Attempt): boolean {
  return encoded === true || outpost === true;
}

function throughTo(look: Attempt, status: number): EdgeReading | undefined {
  if (mayRefuse(look) && status === 400) return undefined;
  const answered = `got through to the application (${status})`;
  const flaw = forwarded(look);
  if (flaw !== undefined) return trusted(flaw, answered);
  return { answered, advice: adviceOnOpen(look, status), weight: 'open' };
}

function adviceOnOpen({ path, encoded, outpost }: Attempt, status: number): string {
  if (outpost === true) {
    return 'the outpost treats this as its own path and admits it, and the application gets what its dots lead to: have the origin ask about the path without dots, or refuse it';
  }
  if (encoded === true) {
    return 'the outpost takes an encoded slash for a slash and lets the path by as an exception, and the application may read another path: have the origin refuse it (`gates outputs --format traefik` says how), or take the exception out';
  }
  if (path !== '/') {
    return 'the outpost admits this path as if it were an exception: look for another outpost or middleware in between, or for a path of an earlier file that pruning would remove';
  }
  const missing =
    status === 404
      ? 'the origin has no router for the host, or one that does not send it through the outpost'
      : 'the origin does not send the host through the outpost';
  return `${missing}: add the forward-auth middleware to its router (\`gates outputs --format traefik\` prints it)`;
}

function redirected(look: Attempt, location: string): EdgeReading {
  const answered = `was redirected to ${location}`;
  const flaw = forwarded(look);
  if (flaw !== undefined) return trusted(flaw, answered);
  return {
    answered,
    advice: 'the application answers before anybody asks who is there: send the host through the outpost',
    weight: 'open',
  };
}

/** The header with which an attempt tries to get around the gate. */
export function forwarded({ headers = {} }: Pick<Attempt, 'headers'>): string | undefined {
  return Object.keys(headers)[0];
}

function trusted(header: string, answered: string): EdgeReading {
  return {
    answered,
    advice: `the origin hands a client's ${header} to the outpost: drop the header before the forward-auth middleware, and do not trust forwarded headers on that entry point`,
    weight: 'open',
  };
}
