import { normalizedPath } from '../../expressions/request-path.ts';
import { fieldMistake, oneOf, text } from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type ApiOperation, type JsonObject, timestamp, type World, type Zone } from '../../state/world.ts';
import { shieldedZone } from '../api/entitlement.ts';
import { paged } from '../api/paging.ts';
import { type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { invalidShieldRequest, noSuchShieldObject, SHIELD_PAGES } from './shield-error.ts';

const OPERATIONS = '/zones/{zone_id}/api_gateway/operations';

export const apiOperationRoutes: readonly CloudflareRoute[] = [
  ['GET', OPERATIONS, listOperations],
  ['POST', OPERATIONS, saveOperations],
  ['DELETE', OPERATIONS, deleteAll],
  ['POST', `${OPERATIONS}/item`, saveOne],
  ['GET', `${OPERATIONS}/{operation_id}`, (call) => okEnvelope(view(find(call)))],
  ['DELETE', `${OPERATIONS}/{operation_id}`, deleteOne],
];

/** The most saved endpoints of a zone with API Shield (facts §6). */
const MOST = 10_000;
const LONGEST = 4096;

const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'CONNECT', 'PATCH', 'TRACE'];
const OPERATION = { method: oneOf(...METHODS), host: text, endpoint: text };
const VARIABLE = /^\{[^{}]+\}$/;

/** The operations of a zone, oldest first. */
export function operationsIn(world: World, zone: Pick<Zone, 'id'>): ApiOperation[] {
  return (world.operations ?? []).filter(({ zoneId }) => zoneId === zone.id);
}

function view({ id, method, host, endpoint, lastUpdated }: ApiOperation): JsonObject {
  return { operation_id: id, method, host, endpoint, last_updated: lastUpdated };
}

function find(call: CloudflareCall): ApiOperation {
  const zone = shieldedZone(call);
  const id = param(call, 'operation_id');
  const operation = operationsIn(call.world, zone).find((each) => each.id === id);
  if (operation === undefined) throw noSuchShieldObject(`operation ${id}`);
  return operation;
}

function listOperations(call: CloudflareCall): CloudflareReply {
  const { query, world } = call;
  const [hosts, methods] = [query.getAll('host'), query.getAll('method')];
  const found = operationsIn(world, shieldedZone(call)).filter(
    ({ host, method, endpoint }) =>
      (hosts.length === 0 || hosts.includes(host)) &&
      (methods.length === 0 || methods.includes(method)) &&
      endpoint.includes(query.get('endpoint') ?? ''),
  );
  const { page, info } = paged(sorted(found, query), call.query, SHIELD_PAGES);
  return okEnvelope(page.map(view), info);
}

function sorted(operations: ApiOperation[], query: URLSearchParams): ApiOperation[] {
  const order = query.get('order');
  if (order !== 'method' && order !== 'host' && order !== 'endpoint') return operations;
  const sign = query.get('direction') === 'desc' ? -1 : 1;
  return operations.toSorted((left, right) => sign * left[order].localeCompare(right[order]));
}

/** Saves operations. An existing one is returned with a new date. */
function saveOperations(call: CloudflareCall): CloudflareReply {
  const zone = shieldedZone(call);
  const { body } = call;
  if (!Array.isArray(body) || body.length === 0)
    throw invalidShieldRequest('the body must be a list of operations');
  const checked = body.map((each) => normalized(zone, each));
  return okEnvelope(checked.map((each) => view(saved(call.world, zone, each))));
}

function saveOne(call: CloudflareCall): CloudflareReply {
  const zone = shieldedZone(call);
  return okEnvelope(view(saved(call.world, zone, normalized(zone, call.body))));
}

function saved(
  world: World,
  zone: Zone,
  wanted: Pick<ApiOperation, 'method' | 'host' | 'endpoint'>,
): ApiOperation {
  const { method, host, endpoint } = wanted;
  const known = operationsIn(world, zone);
  const there = known.find(
    (each) => each.method === method && each.host === host && each.endpoint === endpoint,
  );
  if (there !== undefined) {
    there.lastUpdated = timestamp(world);
    return there;
  }
  if (known.length >= MOST) throw invalidShieldRequest(`a zone has at most ${MOST} operations`);
  const operation: ApiOperation = {
    id: newUuid(world),
    zoneId: zone.id,
    ...wanted,
    lastUpdated: timestamp(world),
  };
  world.operations = [...(world.operations ?? []), operation];
  return operation;
}

/** An operation as it is stored: the host in lower case, the path normalized, variables numbered from left to right. */
function normalized(zone: Zone, body: unknown): Pick<ApiOperation, 'method' | 'host' | 'endpoint'> {
  const mistake = isObject(body) ? fieldMistake(body, OPERATION) : 'an operation must be an object';
  if (!isObject(body) || mistake !== null) throw invalidShieldRequest(String(mistake));
  const missing = Object.keys(OPERATION).find((name) => body[name] === undefined);
  if (missing !== undefined) throw invalidShieldRequest(`'${missing}' is missing`);
  const host = String(body.host).toLowerCase();
  const endpoint = String(body.endpoint);
  if (host !== zone.name && !host.endsWith(`.${zone.name}`))
    throw invalidShieldRequest(`the host ${host} is not in the zone`);
  if (!endpoint.startsWith('/') || endpoint.length > LONGEST || /[?#]/.test(endpoint)) {
    throw invalidShieldRequest("'endpoint' must be a path");
  }
  return {
    method: String(body.method),
    host: numbered(host, '.', 'hostVar'),
    endpoint: numbered(normalizedPath(endpoint), '/', 'var'),
  };
}

function numbered(template: string, separator: string, name: string): string {
  let count = 0;
  const parts = template.split(separator).map((part) => {
    if (!/[{}]/.test(part)) return part;
    if (!VARIABLE.test(part))
      throw invalidShieldRequest(`a variable must be all between two ${separator}: ${part}`);
    count += 1;
    return `{${name}${count}}`;
  });
  return parts.join(separator);
}

function deleteOne(call: CloudflareCall): CloudflareReply {
  const operation = find(call);
  call.world.operations = (call.world.operations ?? []).filter((each) => each !== operation);
  return done();
}

/** Deletes every operation of the zone, whoever saved it. */
function deleteAll(call: CloudflareCall): CloudflareReply {
  const zone = shieldedZone(call);
  call.world.operations = (call.world.operations ?? []).filter(({ zoneId }) => zoneId !== zone.id);
  return done();
}

/** A reply without a result. */
function done(): CloudflareReply {
  return { status: 200, result: null, body: { success: true, errors: [], messages: [] } };
}
