import { tokenId } from '../../desired/terms/addresses.ts';
import type { AccessTerms } from './built-gate.ts';

/** The demands of Access at a door for exactly these service tokens. */
export function tokenAccess(tokens: readonly string[]): AccessTerms {
  return {
    decision: 'non_identity',
    include: [...tokens].sort().map((token) => ({ service_token: { token_id: tokenId(token) } })),
  };
}
