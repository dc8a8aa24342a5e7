import type { WebhookGate } from '../config/model/config.ts';
import { ingressRuleAddress, tokenId } from '../desired/terms/addresses.ts';
import { type Door, isCallGate } from '../desired/terms/doors.ts';
import { hookPaths } from '../desired/terms/paths.ts';
import { accessProof } from './shared/access-proof.ts';
import type { BuiltGate, GateCheckTerms } from './shared/gate.ts';
import { publicGate } from './shared/open.ts';

/**
 * `webhook`: the daemon lets in what is signed. With tokens, Access stands in front of it and admits exactly these. Without
 * any, the tunnel leads nothing but calls to the daemon, and the host is opened once it was seen to be the daemon that
 * refuses one without a signature.
 */
export const webhookGate: BuiltGate<WebhookGate> = {
  refuse: ({ gate, path, service }) =>
    path === undefined || gate.tokens.length > 0 || isCallGate(service.gate)
      ? undefined
      : 'without `tokens` it is the gate of a whole host, or of a path of a host that has such a gate itself',
  access: (door, config) =>
    door.gate.tokens.length === 0
      ? publicGate.access(door, config)
      : {
          decision: 'non_identity',
          include: [...door.gate.tokens]
            .sort()
            .map((token) => ({ service_token: { token_id: tokenId(token) } })),
        },
  within: (gate) => (isCallGate(gate) ? hookPaths : undefined),
  proof: (door) => (isCallGate(door.gate) ? callProof(door) : accessProof(door)),
};

/** Both rules make up the gate: the one that leads to the daemon, and the one that answers 404 to all else. */
function callProof({ host, service: { origin } }: Door): GateCheckTerms {
  const place = { tunnel: origin.tunnel, hostname: host };
  return {
    kind: 'edge/proof',
    expect: { type: 'hooks', within: hookPaths },
    needs: [ingressRuleAddress(place), ingressRuleAddress({ ...place, path: hookPaths })],
    covered: true,
  };
}
