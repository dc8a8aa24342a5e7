import { type EdgeReading, inTheWay, isForeign, isTelling } from './reading.ts';
import type { EdgeVerdict } from './verdict.ts';

/**
 * The fault in an answer if rules of the edge have to refuse every request without a token, or for something that is
 * no operation. They answer before Access and before the tunnel, so a request that a cover refuses has passed them.
 * For a path that is no operation (`isUnlisted`), only the answer of our own rule counts. API Shield answers without
 * it, so for other paths any 403 counts that is no known refusal of Cloudflare: the probe requests the unlisted path
 * first, which has shown our rules by then.
 */
export function atTokenRules(isUnlisted: boolean, verdict: EdgeVerdict): EdgeReading | undefined {
  // An application that asks for a token of its own answers 401, a rate limit 429: neither is of a rule.
  if (verdict.by === 'block' && verdict.status === 403 && !isForeign(verdict)) {
    if (!isUnlisted || (verdict.refusal !== undefined && 'rule' in verdict.refusal)) return undefined;
    return {
      answered: 'was refused with 403, and not by our own rule',
      advice:
        'our WAF rules do not answer (yet): another rule refuses before them, or the tunnel does behind them',
      weight: 'passing',
    };
  }
  if (!isTelling(verdict)) return inTheWay(verdict);
  if (verdict.by === 'access-login' || verdict.by === 'access-refusal') {
    return {
      answered: 'got past API Shield to Access',
      advice:
        'the rules of the edge do not refuse it (yet): look for a WAF rule that skips the custom rules, and at the order of the token rules',
      weight: 'passing',
    };
  }
  return {
    answered: 'got past API Shield to the application',
    advice: 'the rules of the edge do not refuse it: look for a WAF rule that skips the custom rules',
    weight: 'open',
  };
}
