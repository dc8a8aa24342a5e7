import { fieldMistake, ignored, list, object, orNull } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import {
  type JsonObject,
  now,
  type Tunnel,
  type TunnelConfig,
  timestamp,
  type World,
} from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import type { CloudflareCall, CloudflareRoute } from '../api/router.ts';
import { badConfiguration, ingressRules, originRequestOf } from './ingress-rule.ts';
import { requireTunnel } from './tunnel.ts';

export const tunnelConfigurationRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}/configurations', getConfiguration],
  ['PUT', '/accounts/{account_id}/cfd_tunnel/{tunnel_id}/configurations', replaceConfiguration],
];

/** The tunnel of a configuration. A GET finds a deleted tunnel, but it has no configuration: 404 code 1055. */
function configurable(call: CloudflareCall): Tunnel {
  const tunnel = requireTunnel(call);
  if (tunnel.deletedAt !== null) {
    throw new CloudflareApiError(404, { code: 1055, message: 'Configuration for tunnel not found' });
  }
  return tunnel;
}

function view(world: World, tunnel: Tunnel): JsonObject {
  const latest = tunnel.versions.at(-1);
  return {
    tunnel_id: tunnel.id,
    account_id: world.account.id,
    version: latest?.version ?? 0,
    config: latest === undefined ? null : configView(latest.config),
    source: tunnel.configSrc,
    created_at: latest?.createdAt ?? tunnel.createdAt,
  };
}

/**
 * A configuration as written, with the server's addition. The rules have nothing that nobody wrote: the acceptance tests of
 * Cloudflare's Terraform provider 5.22 expect an empty plan after rules without `origin_request`, and a last one without
 * `hostname` (`TestAccCloudflareTunnelConfig_Short` and `_NilPointer`).
 */
function configView(config: TunnelConfig): JsonObject {
  return { ...(structuredClone(config) as unknown as JsonObject), 'warp-routing': { enabled: false } };
}

function getConfiguration(call: CloudflareCall): CloudflareReply {
  return okEnvelope(view(call.world, configurable(call)));
}

/** Replaces the complete document, without a condition: the last writer wins, and the version increases by one. */
function replaceConfiguration(call: CloudflareCall): CloudflareReply {
  const tunnel = configurable(call);
  const { world } = call;
  const config = configOf(call.body);
  const version = (tunnel.versions.at(-1)?.version ?? 0) + 1;
  const written = { version, config, createdAt: timestamp(world), writtenAt: now(world) };
  tunnel.versions = [...stillRunning(world, tunnel), written];
  return okEnvelope(view(world, tunnel));
}

function configOf(body: unknown): TunnelConfig {
  const outer = isObject(body) ? fieldMistake(body, { config: object }) : 'the body must be an object';
  if (!isObject(body) || outer !== null) throw badConfiguration(outer ?? '');
  const config = body.config;
  const mistake = isObject(config)
    ? fieldMistake(config, { ingress: list, originRequest: orNull(object), 'warp-routing': ignored })
    : "'config' is missing";
  if (!isObject(config) || mistake !== null) throw badConfiguration(mistake ?? '');
  return { ingress: ingressRules(config.ingress), ...originRequestOf(config.originRequest) };
}

/** Versions that connectors may still run: the newest settled one and all later ones. */
function stillRunning(world: World, tunnel: Tunnel): Tunnel['versions'] {
  const due = now(world) - world.settle;
  const settled = tunnel.versions.findLastIndex((version) => version.writtenAt <= due);
  return tunnel.versions.slice(Math.max(0, settled));
}
