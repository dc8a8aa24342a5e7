import { CloudflareApiError } from '../../cloudflare/api/reply.ts';
import { ingressRules, knownOriginRequest } from '../../cloudflare/tunnels/ingress-rule.ts';
import { connected, newTunnel } from '../../state/fresh-objects.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { IngressRule, Tunnel, TunnelConfig, World } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { numberOf, objectsOf, put, textOf, wordOf } from '../rows/row.ts';

/**
 * The inverse of `tunnelView`. Its secret is invented. Unless it is deleted, or a local one that nobody runs, it has a
 * healthy connector.
 */
export function readTunnel(copy: Copy, object: JsonObject): void {
  const { world, omissions } = copy;
  if (!has(copy, 'tunnel', object, 'id', 'name')) return;
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  const deletedAt = wordOf(object.deleted_at) ?? null;
  const isLocal = object.config_src === 'local' || object.remote_config === false;
  const tunnel = newTunnel(world, {
    name: object.name,
    configSrc: isLocal ? 'local' : 'cloudflare',
    createdAt,
  });
  const openedAt = wordOf(object.conns_active_at) ?? createdAt;
  const status = textOf(object.status);
  const isRun = deletedAt === null && (!isLocal || status === 'healthy');
  const { neverRan, ...idle } = tunnel;
  const read = isRun ? connected(world, tunnel, openedAt) : status === 'inactive' ? tunnel : idle;
  put(world.tunnels, 'id', { ...read, id: object.id, deletedAt });
  if (isRun && status !== undefined && status !== 'healthy') {
    omissions.say(`tunnel "${object.name}" is ${status}; in the copy a healthy connector runs it`);
  }
}

/** The configuration as written and as the connectors run it: the newest, from before the copy was made. */
export function readConfiguration(copy: Copy, object: JsonObject, [, id = '']: readonly string[]): void {
  const tunnel = tunnelOf(copy.world, id);
  if (object.source === 'local') tunnel.configSrc = 'local';
  const version = numberOf(object.version) ?? 0;
  if (!isObject(object.config)) return;
  const config = configOf(object.config);
  sayIfRefused(copy, tunnel, config);
  const createdAt = wordOf(object.created_at) ?? tunnel.createdAt;
  tunnel.versions = [{ version, config, createdAt, writtenAt: 0 }];
}

function tunnelOf(world: World, id: string): Tunnel {
  const known = world.tunnels.find((tunnel) => tunnel.id === id);
  if (known !== undefined) return known;
  const { createdOn: createdAt } = world.account;
  const made = connected(
    world,
    newTunnel(world, { name: id, configSrc: 'cloudflare', createdAt }),
    createdAt,
  );
  made.id = id;
  world.tunnels.push(made);
  return made;
}

/** The configuration without what the sandbox does not know. */
function configOf(config: JsonObject): TunnelConfig {
  const ingress = objectsOf(config.ingress).map(ruleOf);
  return { ingress, ...knownOriginRequest(config.originRequest) };
}

function ruleOf(rule: JsonObject): IngressRule {
  const [hostname, path] = [wordOf(rule.hostname), wordOf(rule.path)];
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(path === undefined ? {} : { path }),
    service: textOf(rule.service) ?? '',
    ...knownOriginRequest(rule.originRequest),
  };
}

/** Reports rules that the API would refuse: a client that adds a rule sends the others back as it read them. */
function sayIfRefused({ omissions }: Copy, { name }: Tunnel, { ingress }: TunnelConfig): void {
  try {
    ingressRules(ingress);
  } catch (error) {
    if (!(error instanceof CloudflareApiError)) throw error;
    omissions.sayUnread(`tunnel "${name}": the copy would not take its rules back: ${error.message.trim()}`);
  }
}
