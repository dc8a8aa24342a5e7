import type { Config, JwtGate } from '../config/model/config.ts';
import type { BuiltGate } from './shared/gate.ts';

/** `jwt` at the origin: the daemon's `/verify` judges each request, asked by the origin's proxy. */
export const jwtOriginGate: BuiltGate<JwtGate> = {
  refuse: ({ gate, path, service }, config) => {
    if (path !== undefined) return 'it is the gate of a whole host, not of a path';
    if (service.paths.length > 0)
      return 'beside it no path of the host can have another gate in this version';
    if (gate.action === 'log') return '`action: log` is not built in this version where the origin asks';
    return keysOf(gate, config) === undefined
      ? 'whose keys count is not known: name the public face of Authentik in `authentik.service`'
      : undefined;
  },
  access: () => undefined,
  proof: ({ host }) => ({ kind: 'edge/proof', expect: { type: 'verify', host }, needs: [], covered: true }),
};

/** The address of a gate's keys and the issuer of its tokens, in the forms of Authentik's own addresses. */
export function keysOf(
  { keys }: JwtGate,
  { authentik, services }: Config,
): { readonly keysUrl: string; readonly issuer: string | undefined } | undefined {
  if (!('client' in keys)) return { keysUrl: keys.url, issuer: undefined };
  const face = authentik?.service === undefined ? undefined : services.get(authentik.service);
  if (face === undefined) return undefined;
  const issuer = `https://${face.host}/application/o/${keys.client}/`;
  return { issuer, keysUrl: `${issuer}jwks/` };
}
