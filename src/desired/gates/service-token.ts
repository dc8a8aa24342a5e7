import type { ServiceTokenGate } from '../../config/config.ts';
import { tokenId } from '../addresses.ts';
import { accessProof } from './access-proof.ts';
import type { BuiltGate } from './gate.ts';

/** `serviceToken`: Access admits exactly these tokens, and no person. */
export const serviceTokenGate: BuiltGate<ServiceTokenGate> = {
  refuse: () => undefined,
  access: ({ gate }) => {
    const tokens = [...gate.tokens].sort();
    return {
      decision: 'non_identity',
      include: tokens.map((token) => ({ service_token: { token_id: tokenId(token) } })),
    };
  },
  proof: accessProof,
};
