import type { WafPurpose } from '../../cloudflare/waf/expression.ts';
import { type EdgeReading, inTheWay, isForeign, isTelling } from './reading.ts';
import type { EdgeVerdict } from './verdict.ts';

/**
 * The fault in an answer if rules of the edge have to refuse every request without a token, or for a path that is no
 * operation (`isUnlisted`). They answer before Access and before the tunnel, so a request that a cover refuses has
 * passed them. For an unlisted path, only the answer of our `fallthrough` rule counts: it comes first of our rules, and
 * knows such a path only once a saved operation of the host has reached the edge. API Shield answers without a body of
 * ours. So for other paths any 403 counts that is neither a known refusal of Cloudflare nor of this rule: the probe
 * requests the unlisted path first, which has shown our rules by then.
 */
export function atTokenRules(isUnlisted: boolean, verdict: EdgeVerdict): EdgeReading | undefined {
  // An application's own token check answers 401, a rate limit 429: neither is a rule.
  if (verdict.by === 'block' && verdict.status === 403 && !isForeign(verdict)) {
    const rule =
      verdict.refusal !== undefined && 'rule' in verdict.refusal ? verdict.refusal.rule : undefined;
    if (isUnlisted === (rule === 'fallthrough')) return undefined;
    return isUnlisted ? notFallthrough(rule) : unsaved;
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

function notFallthrough(rule: WafPurpose | undefined): EdgeReading {
  if (rule === undefined) {
    return {
      answered: 'was refused with 403, and not by our own rule',
      advice:
        'our WAF rules do not answer (yet): another rule refuses before them, or the tunnel does behind them',
      weight: 'passing',
    };
  }
  return {
    answered: 'was refused for its token, and not because it is no saved operation',
    advice: 'the saved operations of the host have not reached the edge (yet)',
    weight: 'passing',
  };
}

const unsaved: EdgeReading = {
  answered: 'was refused as no saved operation',
  advice: 'this operation of API Shield has not reached the edge (yet)',
  weight: 'passing',
};
