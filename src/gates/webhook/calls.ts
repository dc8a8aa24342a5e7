import type { CheckRequest } from '../../../reconcilers/edge/finding.ts';
import type { Service } from '../../config/model/config.ts';
import { ingressRuleAddress } from '../../desired/terms/addresses.ts';
import { type Door, doorAt, isCallGate } from '../../desired/terms/doors.ts';
import { hookPaths } from '../../desired/terms/paths.ts';
import { accessCheck } from '../shared/access-check.ts';
import type { BuiltGate, GateCheckTerms } from '../shared/built-gate.ts';
import { openAccess } from '../shared/open-access.ts';
import { tokenAccess } from '../shared/token-access.ts';

/**
 * `webhook`: the daemon admits signed calls. With tokens, Access stands in front of it and admits exactly these.
 * Without, the tunnel leads only calls to the daemon, and the host is opened once the check has seen the daemon refuse
 * a call without a signature.
 */
export const builtWebhook: BuiltGate = {
  refuse: ({ gate, path, service }) =>
    path === undefined || gate.tokens.length > 0 || isCallGate(service.gate)
      ? undefined
      : 'without `tokens` it is the gate of a whole host, or of a path of a host that has such a gate itself',
  access: (door) => (isCallGate(door.gate) ? openAccess(door) : tokenAccess(door.gate.tokens)),
  within: (gate) => (isCallGate(gate) ? hookPaths : undefined),
  proof: (door) => (isCallGate(door.gate) ? callProof(door) : accessCheck(door)),
  looks: (service) => [{ path: '/' }, ...(isCallGate(service.gate) ? unsignedCalls(service) : [])],
};

/** Both rules make up the gate: the one that leads to the daemon, and the one that answers 404 to everything else. */
function callProof({ host, service: { origin } }: Door): GateCheckTerms {
  const place = { tunnel: origin.tunnel, hostname: host };
  return {
    kind: 'edge/proof',
    expect: { type: 'hooks', within: hookPaths },
    needs: [ingressRuleAddress(place), ingressRuleAddress({ ...place, path: hookPaths })],
    covered: true,
  };
}

/** Calls without a signature, to paths without a gate of their own: of an action, and of a push. */
function unsignedCalls(service: Service): readonly CheckRequest[] {
  const actions = service.gate.actions.map((name) => `/hooks/actions/${name}`);
  const [action, push] = [actions, ['/hooks/git']].map((paths) =>
    paths.find((path) => {
      const door = doorAt(service, path);
      return door !== 'refused' && isCallGate(door.gate);
    }),
  );
  return [action, push].flatMap((path): CheckRequest[] =>
    path === undefined ? [] : [{ path, method: 'POST' }],
  );
}
