import type { InvariantBreach, Judged } from './invariant.ts';

/** G121: a tunnel that gates creates, and whose token reaches no cloudflared. */
export function undeliveredTokens({ config }: Judged): InvariantBreach[] {
  return [...config.cloudflare.tunnels.values()].flatMap(({ name, create, deliver }): InvariantBreach[] => {
    if (!create || deliver.length > 0) return [];
    const message =
      'the tunnel is made here, and its token is delivered to nobody: no cloudflared can run it';
    const hint =
      'write `deliver: [{ file: … }]` for the machine of cloudflared; leave `create` out once the tunnel exists and its cloudflared has the token';
    return [{ path: ['cloudflare', 'tunnels', name], part: 'key', message, hint }];
  });
}
