import {
  type FieldTable,
  fieldMistake,
  flag,
  ignored,
  integer,
  isStringArray,
  object,
  oneOf,
  text,
} from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, World, Zone } from '../../state/world.ts';
import { hasPlan } from '../api/entitlement.ts';
import { CloudflareApiError } from '../api/reply.ts';
import { expressionMistake } from './rule-expression.ts';
import type { RulePhase } from './rule-phases.ts';

/** The fields of a rule that a client writes; others are computed. */
export interface WrittenRule {
  id: string | undefined;
  ref: string | undefined;
  action: string;
  expression: string;
  description: string;
  enabled: boolean;
  action_parameters?: JsonObject;
  logging?: JsonObject;
}

const RULE: FieldTable = {
  action_parameters: object,
  description: text,
  enabled: flag,
  expression: text,
  id: text,
  logging: object,
  position: object,
  ref: text,
  ...{ version: ignored, last_updated: ignored, categories: ignored },
};

const PRODUCTS = ['bic', 'hot', 'rateLimit', 'securityLevel', 'uaBlock', 'waf', 'zoneLockdown'];
const PHASES = ['http_ratelimit', 'http_request_sbfm', 'http_request_firewall_managed'];

const someOf = (allowed: readonly string[]) => ({
  says: `must be a list of ${allowed.join(', ')}, each once`,
  holds: (value: unknown) =>
    isStringArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((each) => allowed.includes(each)),
});

const SKIP: FieldTable = {
  phase: oneOf('current'),
  phases: someOf(PHASES),
  products: someOf(PRODUCTS),
  rules: object,
  ruleset: oneOf('current'),
  rulesets: { says: 'must be a list of ids', holds: (value) => isStringArray(value) && value.length > 0 },
};

const RESPONSE: FieldTable = { status_code: integer, content: text, content_type: text };

/** A rule from a body, or 400. Omitted fields get their defaults, also in a PATCH (facts §7). */
export function writtenRule(world: World, zone: Zone, phase: RulePhase, body: unknown): WrittenRule {
  if (!isObject(body)) throw invalidRule('a rule must be an object');
  const mistake =
    fieldMistake(body, { ...RULE, action: oneOf(...phase.actions) }) ??
    ruleMistake(zone, phase, body) ??
    expressionProblem(world, zone, phase, String(body.expression));
  if (mistake !== null) throw invalidRule(mistake);
  const { action_parameters, logging, id, ref } = body;
  const isSkip = body.action === 'skip';
  return {
    id: typeof id === 'string' ? id : undefined,
    ref: typeof ref === 'string' ? ref : undefined,
    action: String(body.action),
    expression: String(body.expression),
    description: typeof body.description === 'string' ? body.description : '',
    enabled: body.enabled !== false,
    ...(isObject(action_parameters) && Object.keys(action_parameters).length > 0
      ? { action_parameters }
      : {}),
    ...(isSkip ? { logging: isObject(logging) ? logging : { enabled: true } } : {}),
  };
}

export function invalidRule(message: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 20127, message });
}

function expressionProblem(world: World, zone: Zone, phase: RulePhase, expression: string): string | null {
  const mistake = expressionMistake(world, zone, expression, phase.dialect);
  return mistake === null ? null : `'${expression}' is not a valid value for expression because ${mistake}`;
}

function ruleMistake(zone: Zone, phase: RulePhase, rule: JsonObject): string | null {
  const { action, expression, ref, logging } = rule;
  if (action === undefined) return 'a rule needs an action';
  if (typeof expression !== 'string' || expression === '') return 'a rule needs an expression';
  if (ref === '') return "'ref' must not be empty";
  if (action === 'log' && !hasPlan(zone, 'enterprise')) return 'the action log needs an Enterprise plan';
  if (logging !== undefined && action !== 'skip') return 'logging is a matter of skip rules alone';
  if (isObject(logging) && (typeof logging.enabled !== 'boolean' || Object.keys(logging).length > 1)) {
    return "'logging' must say enabled, true or false";
  }
  const parameters = isObject(rule.action_parameters) ? rule.action_parameters : {};
  if (phase.parameterMistake !== undefined) return phase.parameterMistake(zone, parameters);
  if (action === 'skip') return skipMistake(parameters);
  return action === 'block' ? blockMistake(zone, parameters) : fieldMistake(parameters, {});
}

/** The mistake in a combination of skips (facts §7). */
function skipMistake(parameters: JsonObject): string | null {
  const mistake = fieldMistake(parameters, SKIP);
  if (mistake !== null) return mistake;
  const names = Object.keys(parameters);
  if (names.length === 0) return 'a skip rule must say what it skips';
  const { phase, rulesets } = parameters;
  if (rulesets !== undefined && names.some((name) => name === 'ruleset' || name === 'phases')) {
    return "'rulesets' cannot stand beside 'ruleset' or 'phases'";
  }
  if (phase !== undefined && names.some((name) => name !== 'phase' && name !== 'products')) {
    return "'phase' can stand beside 'products' alone";
  }
  return null;
}

function blockMistake(zone: Zone, parameters: JsonObject): string | null {
  const mistake = fieldMistake(parameters, { response: object });
  if (mistake !== null || parameters.response === undefined) return mistake;
  const response = isObject(parameters.response) ? parameters.response : {};
  if (!hasPlan(zone, 'pro')) return 'a response of your own needs a Pro plan';
  const { status_code: status } = response;
  if (Object.keys(RESPONSE).some((name) => response[name] === undefined))
    return 'a response needs all its fields';
  if (typeof status === 'number' && (status < 400 || status > 499)) return "'status_code' must be 400 to 499";
  return fieldMistake(response, RESPONSE);
}
