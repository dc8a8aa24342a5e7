import {
  type FieldTable,
  fieldMistake,
  flag,
  ignored,
  integer,
  list,
  oneOf,
  text,
} from '../../state/field.ts';
import { newHex } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type JsonObject, timestamp, type ZoneExtras } from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';
import { expressionMistake } from './rule-expression.ts';

/**
 * Snippets and Page Rules, which may act before a zone's origins. They are only stored and shown; the edge plays none of
 * them. The official document does not contain these endpoints.
 */
export const zoneExtraRoutes: readonly CloudflareRoute[] = [
  ['GET', '/zones/{zone_id}/snippets/snippet_rules', (call) => okEnvelope(listOf(call, 'snippetRules'))],
  ['PUT', '/zones/{zone_id}/snippets/snippet_rules', putSnippetRules],
  ['GET', '/zones/{zone_id}/pagerules', listPageRules],
  ['POST', '/zones/{zone_id}/pagerules', (call) => add(call, 'pageRules', pageRule(call))],
  ['GET', '/zones/{zone_id}/pagerules/{id}', (call) => okEnvelope(find(call, 'pageRules'))],
  ['PUT', '/zones/{zone_id}/pagerules/{id}', overwritePageRule],
  ['DELETE', '/zones/{zone_id}/pagerules/{id}', (call) => remove(call, 'pageRules')],
];

const SNIPPET_RULE: FieldTable = {
  expression: text,
  snippet_name: text,
  description: text,
  enabled: flag,
  ...{ id: ignored, last_updated: ignored, version: ignored },
};
const PAGE_RULE: FieldTable = {
  targets: list,
  actions: list,
  priority: integer,
  status: oneOf('active', 'disabled'),
};

function extrasOf(call: CloudflareCall): ZoneExtras {
  return call.world.zoneExtras?.[requireZone(call).id] ?? {};
}

function listOf(call: CloudflareCall, kind: keyof ZoneExtras): JsonObject[] {
  return extrasOf(call)[kind] ?? [];
}

function write(call: CloudflareCall, kind: keyof ZoneExtras, all: JsonObject[]): void {
  const { world } = call;
  world.zoneExtras = { ...world.zoneExtras, [requireZone(call).id]: { ...extrasOf(call), [kind]: all } };
}

function add(call: CloudflareCall, kind: keyof ZoneExtras, extra: JsonObject): CloudflareReply {
  write(call, kind, [...listOf(call, kind), extra]);
  return okEnvelope(extra);
}

function find(call: CloudflareCall, kind: keyof ZoneExtras): JsonObject {
  const id = param(call, 'id');
  const found = listOf(call, kind).find((each) => each.id === id);
  if (found === undefined) throw new CloudflareApiError(404, { code: 1002, message: `no such id: ${id}` });
  return found;
}

function remove(call: CloudflareCall, kind: keyof ZoneExtras): CloudflareReply {
  const found = find(call, kind);
  write(
    call,
    kind,
    listOf(call, kind).filter((each) => each !== found),
  );
  return okEnvelope({ id: found.id ?? '' });
}

function overwritePageRule(call: CloudflareCall): CloudflareReply {
  const { id, created_on } = find(call, 'pageRules');
  const rule = { ...pageRule(call), id: id ?? '', created_on: created_on ?? '' };
  const all = listOf(call, 'pageRules');
  write(
    call,
    'pageRules',
    all.map((each) => (each.id === id ? rule : each)),
  );
  return okEnvelope(rule);
}

function pageRule(call: CloudflareCall): JsonObject {
  const body = bodyOf(call.body, PAGE_RULE, 'targets', 'actions');
  const at = timestamp(call.world);
  const standard = { id: newHex(call.world, 32), priority: 1, status: 'disabled' };
  return { ...standard, ...body, created_on: at, modified_on: at };
}

/** Page Rules by priority, the highest first; with a status, only those that have it. */
function listPageRules(call: CloudflareCall): CloudflareReply {
  const status = call.query.get('status');
  const found = listOf(call, 'pageRules').filter((rule) => status === null || rule.status === status);
  return okEnvelope(found.sort((left, right) => Number(right.priority) - Number(left.priority)));
}

/** Replaces all Snippet rules at once, as in the API. */
function putSnippetRules(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call);
  const { rules } = bodyOf(call.body, { rules: list }, 'rules');
  const snippetRules = (Array.isArray(rules) ? rules : []).map((given): JsonObject => {
    const rule = bodyOf(given, SNIPPET_RULE, 'expression', 'snippet_name');
    const mistake = expressionMistake(call.world, zone, String(rule.expression), 'rule');
    if (mistake !== null) throw invalid(mistake);
    const standard = { id: newHex(call.world, 32), description: '', enabled: false, version: '1' };
    return { ...standard, ...rule, last_updated: timestamp(call.world) };
  });
  write(call, 'snippetRules', snippetRules);
  return okEnvelope(snippetRules);
}

function bodyOf(given: unknown, table: FieldTable, ...needed: readonly string[]): JsonObject {
  if (!isObject(given)) throw invalid('the body must be an object');
  const missing = needed.find((name) => given[name] === undefined);
  const mistake = fieldMistake(given, table) ?? (missing === undefined ? null : `'${missing}' is missing`);
  if (mistake !== null) throw invalid(mistake);
  return given;
}

function invalid(message: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 1001, message: `Invalid request: ${message}` });
}
