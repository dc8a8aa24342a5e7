import type { JsonObject, Tunnel, World } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { CloudflareApiError } from '../api/reply.ts';
import { type CloudflareCall, param } from '../api/router.ts';

/** The tunnel of the path, deleted or not: a GET finds both (facts §5). */
export function requireTunnel(call: CloudflareCall): Tunnel {
  requireAccount(call);
  const tunnel = call.world.tunnels.find((candidate) => candidate.id === param(call, 'tunnel_id'));
  if (tunnel === undefined) throw tunnelNotFound();
  return tunnel;
}

/** The tunnel of the path, for calls that a deleted one does not accept. */
export function requireLiveTunnel(call: CloudflareCall): Tunnel {
  const tunnel = requireTunnel(call);
  if (tunnel.deletedAt !== null) throw tunnelNotFound();
  return tunnel;
}

function tunnelNotFound(): CloudflareApiError {
  return new CloudflareApiError(404, { code: 1003, message: 'Tunnel not found' });
}

export function tunnelStatus(tunnel: Tunnel): 'healthy' | 'down' | 'inactive' {
  if (isConnected(tunnel)) return 'healthy';
  return tunnel.neverRan === true ? 'inactive' : 'down';
}

/** True if one of its connectors has connections: one that lost them is still listed. */
export function isConnected({ connectors }: Tunnel): boolean {
  return connectors.some(({ lostAtVersion }) => lostAtVersion === undefined);
}

/** A tunnel in list and get: without connections since October 2026, and a deleted one without its `config_src`. */
export function tunnelView(world: World, tunnel: Tunnel): JsonObject {
  const live = tunnel.deletedAt === null;
  return {
    id: tunnel.id,
    account_tag: world.account.id,
    name: tunnel.name,
    created_at: tunnel.createdAt,
    deleted_at: tunnel.deletedAt,
    ...(live ? { config_src: tunnel.configSrc, remote_config: tunnel.configSrc === 'cloudflare' } : {}),
    ...(tunnel.connectors[0] === undefined ? {} : { conns_active_at: tunnel.connectors[0].openedAt }),
    status: tunnelStatus(tunnel),
    tun_type: 'cfd_tunnel',
    metadata: {},
  };
}
