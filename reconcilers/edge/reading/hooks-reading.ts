import { type EdgeReading, inTheWay, isTelling } from './reading.ts';
import type { EdgeVerdict } from './verdict.ts';

/**
 * The fault in an answer of a host that leads to the hooks listener of gates. That listener must refuse a call
 * without a signature, and no other program may, because it could refuse this call and accept another. Every other
 * path of the host must lead nowhere.
 */
export function atHooks(isCall: boolean, verdict: EdgeVerdict): EdgeReading | undefined {
  if (verdict.by === 'block') return refusedByAnother(isCall, verdict.status);
  if (!isTelling(verdict)) return inTheWay(verdict);
  switch (verdict.by) {
    case 'hooks':
      return isCall ? undefined : beside('the hooks listener of gates');
    case 'application':
      if (verdict.status === 404) return isCall ? unknown : undefined;
      return isCall ? taken(`the application (${verdict.status})`) : beside('the application');
    case 'redirect':
    case 'loop':
      return isCall ? taken('an application, which redirects') : beside('an application, which redirects');
    case 'verify':
      return isCall ? taken('an application that asks for a token') : beside('an application');
    case 'authentik':
    case 'authentik-start':
    case 'no-application':
      return isCall ? taken('Authentik') : beside('Authentik');
    case 'origin-error':
      return {
        answered: `was answered with ${verdict.status} by the origin`,
        advice: 'it failed: look at its log',
        weight: 'passing',
      };
    case 'access-login':
    case 'access-refusal':
      return {
        answered: verdict.by === 'access-login' ? 'was sent to the login of Access' : 'was refused by Access',
        advice:
          'the cover does not admit the probe (yet), or another Access application stands before the host',
        weight: 'passing',
      };
  }
}

const listener = 'the hooks listener of gates (GATES_HOOKS_LISTEN)';

function refusedByAnother(isCall: boolean, status: number): EdgeReading {
  return {
    answered: `was refused with ${status}, and not by ${isCall ? listener : 'the tunnel'}`,
    advice: `a WAF rule or a rate limit refuses before it, the tunnel does not run the newest rules yet, or the origin is another program: it has to be ${listener}`,
    weight: 'passing',
  };
}

const unknown: EdgeReading = {
  answered: 'was answered with 404',
  advice: `the daemon has not applied a file with a webhook gate yet, the tunnel does not run the newest rules yet, or the origin is another program: it has to be ${listener}`,
  weight: 'passing',
};

function taken(whom: string): EdgeReading {
  return {
    answered: `without a signature got through to ${whom}`,
    advice: `the origin of the host is another program: it has to be ${listener}`,
    weight: 'open',
  };
}

function beside(whom: string): EdgeReading {
  return {
    answered: `got through to ${whom}, though nothing but calls should`,
    advice: 'another rule of the tunnel stands before ours: remove it',
    weight: 'open',
  };
}
