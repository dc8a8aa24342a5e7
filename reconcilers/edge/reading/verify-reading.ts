import { type EdgeReading, inTheWay, isTelling } from './reading.ts';
import type { EdgeVerdict } from './verdict.ts';

/** A request of the check, and the header with which it claimed to be another request. */
export interface ProbeRequest {
  readonly host: string;
  readonly path: string;
  readonly claims: string | undefined;
}

const fix = 'have its router ask `/verify` (`gates outputs --format traefik` prints the middleware)';

/**
 * The fault in an answer of a host where `/verify` of the daemon checks each request. Without a valid token it must
 * refuse, for this very host, and it must know the actual request.
 */
export function atVerify(
  { host, path, claims }: ProbeRequest,
  verdict: EdgeVerdict,
): EdgeReading | undefined {
  if (verdict.by === 'verify') {
    if (verdict.host === host && verdict.asked === `GET ${path}`) return undefined;
    return misled({ host, path, claims }, verdict);
  }
  if (verdict.by === 'block') {
    return {
      answered: `was refused with ${verdict.status}, and not by \`/verify\` of the daemon`,
      advice: `a WAF rule or a rate limit refuses before it, or the application does by itself: ${fix}`,
      weight: 'passing',
    };
  }
  if (!isTelling(verdict)) return inTheWay(verdict);
  switch (verdict.by) {
    case 'access-login':
    case 'access-refusal':
      return {
        answered: verdict.by === 'access-login' ? 'was sent to the login of Access' : 'was refused by Access',
        advice:
          'the cover does not admit the probe (yet), or another Access application stands before the host',
        weight: 'passing',
      };
    case 'origin-error':
      return {
        answered: `was answered with ${verdict.status} by the origin`,
        advice: 'it failed, or could not ask the daemon: see whether GATES_LISTEN is reached from there',
        weight: 'passing',
      };
    case 'application':
      return through(`the application (${verdict.status})`);
    case 'redirect':
    case 'loop':
      return through('the application, which redirects');
    case 'hooks':
      return through('the hooks listener of gates');
    case 'authentik':
    case 'authentik-start':
    case 'no-application':
      return {
        answered: 'was answered by Authentik',
        advice: `the origin asks the outpost about the host, or leads it there: ${fix}`,
        weight: 'passing',
      };
  }
}

function through(whom: string): EdgeReading {
  return {
    answered: `without a token got through to ${whom}`,
    advice: `the origin does not ask: ${fix}`,
    weight: 'open',
  };
}

function misled(
  { host, path, claims }: ProbeRequest,
  seen: Extract<EdgeVerdict, { readonly by: 'verify' }>,
): EdgeReading {
  if (seen.host !== host) {
    return {
      answered: `was judged as a request for ${seen.host}`,
      advice: `the middleware names another host: ${fix}`,
      weight: 'open',
    };
  }
  return {
    answered: `was judged as ${seen.asked}, not as GET ${path}`,
    advice:
      claims === undefined
        ? 'something before the daemon rewrites the path: have `/verify` asked before that'
        : `the origin hands a client's ${claims} to the daemon: \`trustForwardHeader\` has to be off`,
    weight: 'open',
  };
}
