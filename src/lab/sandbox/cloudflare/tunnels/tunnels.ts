import { type FieldTable, fieldMistake, oneOf, text } from '../../state/field.ts';
import { connected, newTunnel } from '../../state/fresh-objects.ts';
import { tunnelToken } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import {
  type Connector,
  type JsonObject,
  runningVersion,
  type Tunnel,
  timestamp,
  type World,
} from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { paged } from '../api/paging.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import type { CloudflareCall, CloudflareRoute } from '../api/router.ts';
import { isConnected, requireLiveTunnel, requireTunnel, tunnelStatus, tunnelView } from './tunnel.ts';

export const tunnelRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/cfd_tunnel', listTunnels],
  ['POST', '/accounts/{account_id}/cfd_tunnel', createTunnel],
  ['GET', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}', getTunnel],
  ['PATCH', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}', changeTunnel],
  ['DELETE', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}', deleteTunnel],
  ['GET', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}/token', getToken],
  ['GET', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}/connections', listConnections],
  ['DELETE', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}/connections', dropConnections],
];

const MOST_TUNNELS = 1000;

const base64Secret = {
  says: 'must be base64 of at least 32 bytes',
  holds: (value: unknown) =>
    typeof value === 'string' &&
    /^[A-Za-z0-9+/]+={0,2}$/.test(value) &&
    Buffer.from(value, 'base64').length >= 32,
};

/** Lists tunnels, deleted ones too unless `is_deleted=false`. */
function listTunnels(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const { query } = call;
  const asked: [string, (tunnel: Tunnel, value: string) => boolean][] = [
    ['name', (tunnel, value) => tunnel.name === value],
    ['is_deleted', (tunnel, value) => String(tunnel.deletedAt !== null) === value],
    ['uuid', (tunnel, value) => tunnel.id === value],
    ['status', (tunnel, value) => tunnelStatus(tunnel) === value],
    ['include_prefix', (tunnel, value) => tunnel.name.startsWith(value)],
    ['exclude_prefix', (tunnel, value) => !tunnel.name.startsWith(value)],
  ];
  const found = call.world.tunnels.filter((tunnel) =>
    asked.every(([key, holds]) => {
      const value = query.get(key);
      return value === null || holds(tunnel, value);
    }),
  );
  const { page, info } = paged(found, query, { perPage: 1000, max: 1000 });
  return okEnvelope(
    page.map((tunnel) => tunnelView(call.world, tunnel)),
    info,
  );
}

function bodyOf(call: CloudflareCall, table: FieldTable): JsonObject {
  const mistake = isObject(call.body) ? fieldMistake(call.body, table) : 'the body must be an object';
  if (!isObject(call.body) || mistake !== null) {
    throw new CloudflareApiError(400, { code: 1001, message: `Invalid request: ${mistake}` });
  }
  return call.body;
}

/** Refuses a name that another tunnel has, unless that one is deleted. */
function refuseTakenName(world: World, name: string, own?: Tunnel): void {
  if (name === '')
    throw new CloudflareApiError(400, { code: 1001, message: "Invalid request: 'name' is missing" });
  if (world.tunnels.some((tunnel) => tunnel !== own && tunnel.deletedAt === null && tunnel.name === name)) {
    throw new CloudflareApiError(409, {
      code: 1013,
      message:
        'You already have a tunnel with this name. Delete the existing tunnel, or choose a different name for your new tunnel',
    });
  }
}

/** Creates a tunnel. `config_src` is `local` by default; the reply contains the tunnel's secrets (facts §5). */
function createTunnel(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const { world } = call;
  const body = bodyOf(call, {
    name: text,
    config_src: oneOf('local', 'cloudflare'),
    tunnel_secret: base64Secret,
  });
  const name = typeof body.name === 'string' ? body.name : '';
  refuseTakenName(world, name);
  if (world.tunnels.filter((tunnel) => tunnel.deletedAt === null).length >= MOST_TUNNELS) {
    throw new CloudflareApiError(400, {
      code: 1001,
      message: `Invalid request: more than ${MOST_TUNNELS} tunnels`,
    });
  }
  const idle = newTunnel(world, {
    name,
    configSrc: body.config_src === 'cloudflare' ? 'cloudflare' : 'local',
    createdAt: timestamp(world),
    ...(typeof body.tunnel_secret === 'string' ? { secret: body.tunnel_secret } : {}),
  });
  // A local tunnel runs with somebody's own file, and nobody has one here.
  const isRun = idle.configSrc === 'cloudflare' && world.freshTunnels !== 'inactive';
  const tunnel = isRun ? connected(world, idle, idle.createdAt) : idle;
  world.tunnels.push(tunnel);
  return okEnvelope({
    ...tunnelView(world, tunnel),
    credentials_file: {
      AccountTag: world.account.id,
      TunnelID: tunnel.id,
      TunnelName: tunnel.name,
      TunnelSecret: tunnel.secret,
    },
    token: tokenOf(world, tunnel),
  });
}

function tokenOf(world: World, tunnel: Tunnel): string {
  return tunnelToken(world, world.account.id, tunnel.id, tunnel.secret);
}

function getTunnel(call: CloudflareCall): CloudflareReply {
  return okEnvelope(tunnelView(call.world, requireTunnel(call)));
}

function changeTunnel(call: CloudflareCall): CloudflareReply {
  const tunnel = requireLiveTunnel(call);
  const body = bodyOf(call, { name: text, tunnel_secret: base64Secret });
  if (typeof body.name === 'string') {
    refuseTakenName(call.world, body.name, tunnel);
    tunnel.name = body.name;
  }
  if (typeof body.tunnel_secret === 'string') tunnel.secret = body.tunnel_secret;
  return okEnvelope(tunnelView(call.world, tunnel));
}

/** Deletes a tunnel unless it has a connector. It stays, marked as deleted, and its name is free again. */
function deleteTunnel(call: CloudflareCall): CloudflareReply {
  const tunnel = requireLiveTunnel(call);
  if (isConnected(tunnel)) {
    throw new CloudflareApiError(400, {
      code: 1022,
      message:
        'This tunnel has active connections. Please stop all cloudflared replicas, or wait a few minutes for connections to close, then try again.',
    });
  }
  tunnel.deletedAt = timestamp(call.world);
  tunnel.versions = [];
  return okEnvelope(tunnelView(call.world, tunnel));
}

function getToken(call: CloudflareCall): CloudflareReply {
  return okEnvelope(tokenOf(call.world, requireLiveTunnel(call)));
}

function connectorView(world: World, tunnel: Tunnel, connector: Connector): JsonObject {
  const { lostAtVersion } = connector;
  return {
    id: connector.id,
    features: ['ha-origin'],
    version: '2026.8.0',
    arch: 'linux_amd64',
    run_at: connector.openedAt,
    config_version: lostAtVersion ?? runningVersion(world, tunnel)?.version ?? 0,
    conns: (lostAtVersion === undefined ? [connector] : []).map(() => ({
      id: connector.id,
      uuid: connector.id,
      client_id: connector.id,
      client_version: '2026.8.0',
      colo_name: 'SBX01',
      opened_at: connector.openedAt,
      origin_ip: '192.0.2.1',
    })),
  };
}

/** Lists connections with the version of each connector, which may be older than the newest one (facts, edge). */
function listConnections(call: CloudflareCall): CloudflareReply {
  const tunnel = requireTunnel(call);
  return okEnvelope(tunnel.connectors.map((connector) => connectorView(call.world, tunnel, connector)));
}

function dropConnections(call: CloudflareCall): CloudflareReply {
  const tunnel = requireTunnel(call);
  const client = call.query.get('client_id');
  tunnel.connectors = tunnel.connectors.filter((connector) => client !== null && connector.id !== client);
  return okEnvelope(null);
}
