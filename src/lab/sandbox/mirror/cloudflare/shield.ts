import { compiled, ExpressionError } from '../../expressions/expression.ts';
import type { Dialect } from '../../expressions/fields.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { RulesetRule, TokenKey, TokenSelector, World } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { type Endpoint, matchPath } from '../rows/reply.ts';
import { objectsOf, put, textOf, textsOf, wordOf } from '../rows/row.ts';

/** A complete ruleset with its rules; an entry of a list is not enough. */
export function readRuleset(copy: Copy, object: JsonObject, [zoneId = '']: readonly string[]): void {
  const { world } = copy;
  if (!has(copy, 'ruleset', object, 'id', 'phase')) return;
  const rules = objectsOf(object.rules).flatMap((rule) => ruleOf(copy, rule) ?? []);
  world.rulesets ??= [];
  put(world.rulesets, 'id', {
    id: object.id,
    zoneId,
    phase: object.phase,
    name: textOf(object.name) ?? '',
    description: textOf(object.description) ?? '',
    version: Number(object.version ?? 1) || 1,
    lastUpdated: wordOf(object.last_updated) ?? world.account.createdOn,
    rules,
  });
}

/** A rule with everything that the reply contains. */
function ruleOf(copy: Copy, rule: JsonObject): RulesetRule | null {
  if (!has(copy, 'custom rule', rule, 'id', 'action', 'expression')) return null;
  const { id, action, expression } = rule;
  const description = textOf(rule.description) ?? '';
  sayUnknown(copy, `custom rule "${description || id}"`, expression, 'waf');
  const standard = { version: '1', last_updated: copy.world.account.createdOn, enabled: true, ref: id };
  // The edge takes a null for no value.
  const given = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null));
  return { ...standard, ...given, id, action, expression, description };
}

export function readTokenConfiguration(
  copy: Copy,
  object: JsonObject,
  [zoneId = '']: readonly string[],
): void {
  const { world } = copy;
  if (!has(copy, 'token configuration', object, 'id', 'title')) return;
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  world.tokenConfigurations ??= [];
  put(world.tokenConfigurations, 'id', {
    id: object.id,
    zoneId,
    title: object.title,
    description: textOf(object.description) ?? '',
    tokenSources: textsOf(object.token_sources),
    keys: objectsOf(isObject(object.credentials) ? object.credentials.keys : undefined).map(keyOf),
    createdAt,
    lastUpdated: wordOf(object.last_updated) ?? createdAt,
  });
}

/** A key. No reply has the secret of a symmetric one, so nobody signs with it in the copy. */
function keyOf(key: JsonObject): TokenKey {
  return Object.fromEntries(
    Object.entries(key).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

export function readTokenRule(copy: Copy, object: JsonObject, [zoneId = '']: readonly string[]): void {
  const { world } = copy;
  if (!has(copy, 'token validation rule', object, 'id', 'title', 'expression')) return;
  const { id, title, expression } = object;
  sayUnknown(copy, `token validation rule "${title}"`, expression, 'token-rule');
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  world.tokenRules ??= [];
  put(world.tokenRules, 'id', {
    ...{ id, zoneId, title, expression, createdAt },
    description: textOf(object.description) ?? '',
    action: object.action === 'log' ? 'log' : 'block',
    enabled: object.enabled !== false,
    selector: (isObject(object.selector) ? object.selector : {}) as TokenSelector,
    lastUpdated: wordOf(object.last_updated) ?? createdAt,
  });
}

export function readOperation(copy: Copy, object: JsonObject, [zoneId = '']: readonly string[]): void {
  const { world } = copy;
  if (!has(copy, 'operation', object, 'operation_id', 'method', 'host', 'endpoint')) return;
  const { operation_id: id, method, host, endpoint } = object;
  const lastUpdated = wordOf(object.last_updated) ?? world.account.createdOn;
  world.operations ??= [];
  put(world.operations, 'id', { id, zoneId, method, host, endpoint, lastUpdated });
}

const SHIELD = [
  '/zones/*/token_validation/config',
  '/zones/*/token_validation/rules',
  '/zones/*/api_gateway/operations',
];

/** Entitles a zone to API Shield if it answered a call about it. */
export function entitleZones(world: World, endpoints: readonly Endpoint[]): void {
  for (const { path } of endpoints) {
    const [id] = SHIELD.flatMap((pattern) => matchPath(pattern, path) ?? []);
    const zone = world.zones.find((each) => each.id === id);
    if (zone !== undefined) zone.apiShield = true;
  }
}

function sayUnknown({ omissions }: Copy, what: string, expression: string, dialect: Dialect): void {
  try {
    compiled(expression, dialect);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    omissions.sayUnread(`${what}: its expression is not played, as if the rule were not there`);
  }
}
