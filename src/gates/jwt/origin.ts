import type { CheckRequest } from '../../../reconcilers/edge/finding.ts';
import type { BuiltGate } from '../shared/built-gate.ts';
import { keyPlaceOf } from './key-place.ts';
import type { JwtGate } from './normal-form.ts';

/** `jwt` at the origin: the daemon's `/verify` judges each request when the origin's proxy asks. */
export const builtAtOrigin: BuiltGate<JwtGate> = {
  refuse: ({ gate, path, service }, config) => {
    if (path !== undefined) return 'it is the gate of a whole host, not of a path';
    if (service.paths.length > 0)
      return 'beside it no path of the host can have another gate in this version';
    if (gate.action === 'log') return '`action: log` is not built in this version where the origin asks';
    return keyPlaceOf(gate.keys, config) === undefined
      ? 'whose keys count is not known: name the public face of Authentik in `authentik.service`'
      : undefined;
  },
  access: () => undefined,
  proof: ({ host }) => ({ kind: 'edge/proof', expect: { type: 'verify', host }, needs: [], covered: true }),
  looks: (_service, gate) => [{ path: '/' }, ...withoutToken(gate)],
};

/**
 * Requests without a valid token, some of which claim to be an operation: none may reach the application, and the
 * daemon must judge the request that was made.
 */
function withoutToken({ from, operations: [operation] }: JwtGate): readonly CheckRequest[] {
  const path = operation?.path.replaceAll(/\{[^/]*\}/g, 'gates-probe') ?? '/';
  const garbage = from.map((place) =>
    'header' in place ? { [place.header]: 'Bearer gates-probe' } : { cookie: `${place.cookie}=gates-probe` },
  );
  const claims = [
    { 'X-Forwarded-Host': 'gates-probe.invalid' },
    { 'X-Forwarded-Method': 'OPTIONS' },
    { 'X-Forwarded-Uri': path },
  ];
  return [
    { path },
    ...garbage.map((headers): CheckRequest => ({ path, headers })),
    ...claims.map((headers): CheckRequest => ({ path: '/gates-probe', headers })),
  ];
}
