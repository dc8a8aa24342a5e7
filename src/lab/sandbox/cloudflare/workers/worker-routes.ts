import { type FieldTable, fieldMistake, flag, ignored, text } from '../../state/field.ts';
import { newHex } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, World } from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';

/**
 * Workers routes, from Cloudflare's page on routes and its SDK. `request_limit_fail_open` is in replies that others have
 * seen, and in their requests; no page describes it.
 */
export const workersRouteRoutes: readonly CloudflareRoute[] = [
  ['GET', '/zones/{zone_id}/workers/routes', (call) => okEnvelope(routesOf(call))],
  ['POST', '/zones/{zone_id}/workers/routes', createRoute],
  ['GET', '/zones/{zone_id}/workers/routes/{id}', (call) => okEnvelope(find(call))],
  ['PUT', '/zones/{zone_id}/workers/routes/{id}', overwriteRoute],
  ['DELETE', '/zones/{zone_id}/workers/routes/{id}', deleteRoute],
];

const ROUTE: FieldTable = { id: ignored, pattern: text, script: text, request_limit_fail_open: flag };

function routesOf(call: CloudflareCall): JsonObject[] {
  return call.world.zoneExtras?.[requireZone(call).id]?.workersRoutes ?? [];
}

function write(call: CloudflareCall, workersRoutes: JsonObject[]): void {
  const { world } = call;
  const { id } = requireZone(call);
  world.zoneExtras = { ...world.zoneExtras, [id]: { ...world.zoneExtras?.[id], workersRoutes } };
}

/** The routes of all zones that lead to a Worker. */
export function routesOfScript({ zoneExtras = {} }: World, script: string): JsonObject[] {
  return Object.values(zoneExtras)
    .flatMap(({ workersRoutes = [] }) => workersRoutes)
    .filter((route) => route.script === script);
}

function find(call: CloudflareCall): JsonObject {
  const id = param(call, 'id');
  const found = routesOf(call).find((route) => route.id === id);
  if (found === undefined)
    throw new CloudflareApiError(404, { code: 10008, message: 'workers.api.error.not_found' });
  return found;
}

function createRoute(call: CloudflareCall): CloudflareReply {
  const route = { id: newHex(call.world, 32), ...written(call) };
  write(call, [...routesOf(call), route]);
  return okEnvelope(route);
}

/** Replaces pattern, Worker and the mode of failure. */
function overwriteRoute(call: CloudflareCall): CloudflareReply {
  const { id = '' } = find(call);
  const route = { id, ...written(call, String(id)) };
  write(
    call,
    routesOf(call).map((each) => (each.id === id ? route : each)),
  );
  return okEnvelope(route);
}

function deleteRoute(call: CloudflareCall): CloudflareReply {
  const found = find(call);
  write(
    call,
    routesOf(call).filter((route) => route !== found),
  );
  return okEnvelope({ id: found.id ?? '' });
}

/** The route of a body. A pattern without a script is a place where no Worker runs. */
function written(call: CloudflareCall, own?: string): JsonObject {
  const { body } = call;
  if (!isObject(body)) throw invalid('the body must be an object');
  const mistake = fieldMistake(body, ROUTE) ?? patternMistake(call, body.pattern);
  if (mistake !== null) throw invalid(mistake);
  const { pattern = '', script, request_limit_fail_open: failsOpen = false } = body;
  if (routesOf(call).some((route) => route.pattern === pattern && route.id !== own))
    throw new CloudflareApiError(409, { code: 10020, message: 'workers.api.error.duplicate_route' });
  const { workerScripts = [] } = call.world;
  if (script !== undefined && !workerScripts.some(({ id }) => id === script))
    throw new CloudflareApiError(404, { code: 10007, message: 'workers.api.error.script_not_found' });
  return {
    pattern,
    ...(script === undefined ? {} : { script }),
    request_limit_fail_open: failsOpen,
  };
}

/** "Route patterns may not contain any query parameters"; `*` only begins the host, and only ends the pattern. */
function patternMistake(call: CloudflareCall, pattern: unknown): string | null {
  const { name } = requireZone(call);
  if (typeof pattern !== 'string') return "'pattern' is missing";
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]*)(\/.*)?$/.exec(pattern) ?? [];
  const bare = host.replace(/^\*\.?/, '');
  if (bare !== name && !bare.endsWith(`.${name}`)) return `'${pattern}' is in no zone of the call`;
  if (pattern.includes('?')) return `'${pattern}' has a query`;
  return bare.includes('*') || path.slice(0, -1).includes('*') ? `'${pattern}' has a '*' inside` : null;
}

function invalid(message: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 10022, message: `workers.api.error.invalid_route: ${message}` });
}
