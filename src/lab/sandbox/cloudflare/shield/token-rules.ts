import {
  type FieldTable,
  fieldMistake,
  flag,
  isStringArray,
  object,
  oneOf,
  text,
} from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import {
  type Json,
  type JsonObject,
  type TokenRule,
  type TokenSelector,
  timestamp,
  type World,
  type Zone,
} from '../../state/world.ts';
import { shieldedZone } from '../api/entitlement.ts';
import { paged } from '../api/paging.ts';
import { type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { expressionMistake } from '../rulesets/rule-expression.ts';
import { moved } from '../rulesets/rule-position.ts';
import { operationsIn } from './api-operations.ts';
import { invalidShieldRequest, noSuchShieldObject, SHIELD_PAGES } from './shield-error.ts';
import { hasLength } from './token-configurations.ts';

const RULES = '/zones/{zone_id}/token_validation/rules';

export const tokenRuleRoutes: readonly CloudflareRoute[] = [
  ['GET', RULES, listRules],
  ['POST', RULES, createRule],
  ['POST', `${RULES}/bulk`, createRules],
  ['PATCH', `${RULES}/bulk`, changeRules],
  ['GET', `${RULES}/{rule_id}`, getRule],
  ['PATCH', `${RULES}/{rule_id}`, changeRule],
  ['DELETE', `${RULES}/{rule_id}`, deleteRule],
];

const RULE: FieldTable = {
  title: { says: 'must have 1 to 50 characters', holds: hasLength(1, 50) },
  description: { says: 'must have at most 500 characters', holds: hasLength(0, 500) },
  action: oneOf('log', 'block'),
  enabled: flag,
  expression: text,
  selector: object,
};

function rulesIn(world: World, zone: Zone): TokenRule[] {
  return (world.tokenRules ?? []).filter(({ zoneId }) => zoneId === zone.id);
}

function view(rule: TokenRule): JsonObject {
  const { id, title, description, action, enabled, expression, selector, createdAt, lastUpdated } = rule;
  const { include = null, exclude = null } = selector;
  return {
    ...{ id, title, description, action, enabled, expression },
    selector: { include, exclude } as JsonObject,
    created_at: createdAt,
    last_updated: lastUpdated,
  };
}

function find(call: CloudflareCall, zone: Zone, id: string): TokenRule {
  const rule = rulesIn(call.world, zone).find((each) => each.id === id);
  if (rule === undefined) throw noSuchShieldObject(`token validation rule ${id}`);
  return rule;
}

function listRules(call: CloudflareCall): CloudflareReply {
  const { query, world } = call;
  const asked = (...names: string[]) => names.flatMap((name) => query.getAll(name));
  const oneIn = (wanted: readonly string[], has: (value: string) => boolean) =>
    wanted.length === 0 || wanted.some(has);
  const found = rulesIn(world, shieldedZone(call)).filter(
    (rule) =>
      oneIn(asked('id', 'rule_id'), (id) => rule.id === id) &&
      oneIn(asked('action'), (action) => rule.action === action) &&
      oneIn(asked('enabled'), (enabled) => String(rule.enabled) === enabled) &&
      oneIn(asked('token_configuration'), (id) => rule.expression.includes(id)) &&
      oneIn(asked('host', 'hostname'), (host) => includesHost(rule.selector, host)),
  );
  const { page, info } = paged(found, query, SHIELD_PAGES);
  return okEnvelope(page.map(view), info);
}

/** True if a rule's selector includes the operations of a host. */
export function includesHost({ include }: TokenSelector, host: string): boolean {
  return include == null || include.some((each) => each.host?.includes(host) === true);
}

/** Creates a rule at the end: only a change of a single rule can set its position (facts §6). */
function createRule(call: CloudflareCall): CloudflareReply {
  const [rule] = created(call, shieldedZone(call), [call.body]);
  return okEnvelope(rule === undefined ? null : view(rule));
}

function createRules(call: CloudflareCall): CloudflareReply {
  return okEnvelope(created(call, shieldedZone(call), listOf(call.body)).map(view));
}

/** Creates all rules or none. */
function created(call: CloudflareCall, zone: Zone, bodies: readonly unknown[]): TokenRule[] {
  const { world } = call;
  const checked = bodies.map((body) => {
    const given = bodyOf(world, zone, body, RULE);
    const missing = Object.keys(RULE).find((name) => given[name] === undefined);
    if (missing !== undefined) throw invalidShieldRequest(`'${missing}' is missing`);
    return given;
  });
  const at = timestamp(world);
  const rules = checked.map((given): TokenRule => {
    const rule: TokenRule = {
      ...{ id: newUuid(world), zoneId: zone.id, title: '', description: '', action: 'block', enabled: true },
      ...{ expression: '', selector: {}, createdAt: at, lastUpdated: at },
    };
    return Object.assign(rule, given);
  });
  world.tokenRules = [...(world.tokenRules ?? []), ...rules];
  return rules;
}

function getRule(call: CloudflareCall): CloudflareReply {
  return okEnvelope(view(find(call, shieldedZone(call), param(call, 'rule_id'))));
}

function changeRule(call: CloudflareCall): CloudflareReply {
  const zone = shieldedZone(call);
  const rule = find(call, zone, param(call, 'rule_id'));
  const body = bodyOf(call.world, zone, call.body, { ...RULE, position: object });
  change(call.world, zone, rule, body);
  return okEnvelope(view(rule));
}

/** Changes all rules or none, one after the other. */
function changeRules(call: CloudflareCall): CloudflareReply {
  const { world } = call;
  const zone = shieldedZone(call);
  const before = structuredClone(world.tokenRules);
  try {
    const ids = listOf(call.body).map((each) => {
      const { id, ...body } = bodyOf(world, zone, each, { ...RULE, position: object, id: text });
      change(world, zone, find(call, zone, String(id)), body);
      return String(id);
    });
    return okEnvelope(ids.map((id) => view(find(call, zone, id))));
  } catch (error) {
    if (before !== undefined) world.tokenRules = before;
    throw error;
  }
}

function change(world: World, zone: Zone, rule: TokenRule, { position, ...fields }: JsonObject): void {
  const ordered = moved(
    rulesIn(world, zone),
    rule,
    isObject(position) ? position : undefined,
    invalidShieldRequest,
  );
  Object.assign(rule, fields, { lastUpdated: timestamp(world) });
  world.tokenRules = [...(world.tokenRules ?? []).filter(({ zoneId }) => zoneId !== zone.id), ...ordered];
}

function deleteRule(call: CloudflareCall): CloudflareReply {
  const rule = find(call, shieldedZone(call), param(call, 'rule_id'));
  call.world.tokenRules = (call.world.tokenRules ?? []).filter((each) => each !== rule);
  return okEnvelope({});
}

function bodyOf(world: World, zone: Zone, body: unknown, table: FieldTable): JsonObject {
  const mistake = isObject(body)
    ? (fieldMistake(body, table) ??
      selectorMistake(world, zone, body.selector) ??
      ruleMistake(world, zone, body))
    : 'a rule must be an object';
  if (isObject(body) && mistake === null) return body;
  throw invalidShieldRequest(String(mistake));
}

function ruleMistake(world: World, zone: Zone, { expression }: JsonObject): string | null {
  return typeof expression === 'string' ? expressionMistake(world, zone, expression, 'token-rule') : null;
}

/** A mistake in a selector: hosts must be in the zone, excluded operations must exist. */
function selectorMistake(world: World, zone: Zone, selector: Json | undefined): string | null {
  if (!isObject(selector)) return null;
  const listed = (name: string, member: string): unknown[] | null => {
    const value = selector[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return null;
    const lists = value.map((each) =>
      isObject(each) && Object.keys(each).join() === member && isStringArray(each[member])
        ? each[member]
        : null,
    );
    return lists.includes(null) ? null : lists.flat();
  };
  const stranger = Object.keys(selector).find((name) => name !== 'include' && name !== 'exclude');
  if (stranger !== undefined) return `unknown field '${stranger}' in selector`;
  const [hosts, ids] = [listed('include', 'host'), listed('exclude', 'operation_ids')];
  if (hosts === null || ids === null)
    return "'selector' must have include [{host}] and exclude [{operation_ids}]";
  const foreign = hosts.find((host) => host !== zone.name && !String(host).endsWith(`.${zone.name}`));
  if (foreign !== undefined) return `the host ${foreign} is not in the zone`;
  const known = operationsIn(world, zone);
  const missing = ids.find((id) => !known.some((operation) => operation.id === id));
  return missing === undefined ? null : `there is no operation ${missing}`;
}

function listOf(body: unknown): unknown[] {
  if (Array.isArray(body) && body.length > 0) return body;
  throw invalidShieldRequest('the body must be a list of rules');
}
