import { tokenId } from '../../desired/terms/addresses.ts';
import type { AccessPolicyTerms, AccessTerms } from './built-gate.ts';

/** The demands of Access at a door for exactly these service tokens. */
export function tokenAccess(tokens: readonly string[]): AccessTerms {
  return { policies: [tokenPolicy(tokens)] };
}

/** The policy that admits machines with one of these service tokens. */
export function tokenPolicy(tokens: readonly string[]): AccessPolicyTerms {
  return {
    decision: 'non_identity',
    include: [...tokens].sort().map((token) => ({ service_token: { token_id: tokenId(token) } })),
  };
}
