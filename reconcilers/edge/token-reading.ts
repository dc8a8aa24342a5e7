import { inTheWay, isTelling, type Reading } from './reading.ts';
import type { Verdict } from './verdict.ts';

/**
 * What is wrong with an answer where rules of the edge have to refuse whoever brings no token, or asks for what is no
 * operation. They answer 403, before Access and before the tunnel: what a cover refuses has got past them.
 */
export function atTokenRules(verdict: Verdict): Reading | undefined {
  // An application that asks for a token of its own answers 401, a rate limit 429: neither is of a rule.
  if (verdict.by === 'block' && verdict.status === 403) return undefined;
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
