import type { ServiceTokenGate } from '../config/model/config.ts';
import { tokenId } from '../desired/terms/addresses.ts';
import { accessProof } from './shared/access-proof.ts';
import type { BuiltGate } from './shared/gate.ts';

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
