import type { WebhookGate } from '../../config/config.ts';
import { tokenId } from '../addresses.ts';
import { accessProof } from './access-proof.ts';
import type { BuiltGate } from './gate.ts';

/**
 * `webhook`: the daemon lets in what is signed; in front of it Access admits exactly the gate's tokens. Without any,
 * what keeps strangers out would be the origin alone, which has not been seen to be the daemon.
 */
export const webhookGate: BuiltGate<WebhookGate> = {
  refuse: ({ gate }) =>
    gate.tokens.length > 0
      ? undefined
      : 'without `tokens` it is not built in this version; name the service tokens that its callers bring',
  access: ({ gate }) => ({
    decision: 'non_identity',
    include: [...gate.tokens].sort().map((token) => ({ service_token: { token_id: tokenId(token) } })),
  }),
  proof: accessProof,
};
