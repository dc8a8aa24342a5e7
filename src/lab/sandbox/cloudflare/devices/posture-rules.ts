import {
  type FieldTable,
  fieldMistake,
  ignored,
  list,
  object,
  oneOf,
  stringOf,
  text,
} from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, PostureRule, World } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';

const BASE = '/accounts/{account_id}/devices/posture';

export const postureRuleRoutes: readonly CloudflareRoute[] = [
  ['GET', BASE, listRules],
  ['POST', BASE, createRule],
  ['GET', `${BASE}/{rule_id}`, (call) => okEnvelope(view(find(call)))],
  ['PUT', `${BASE}/{rule_id}`, overwriteRule],
  ['DELETE', `${BASE}/{rule_id}`, deleteRule],
];

const TYPES = [
  ...['file', 'application', 'tanium', 'gateway', 'warp', 'disk_encryption', 'serial_number', 'sentinelone'],
  ...['carbonblack', 'firewall', 'os_version', 'domain_joined', 'client_certificate'],
  ...['client_certificate_v2', 'antivirus', 'unique_client_id', 'kolide', 'tanium_s2s', 'crowdstrike_s2s'],
  ...['intune', 'workspace_one', 'sentinelone_s2s', 'custom_s2s'],
];

const SETTINGS: FieldTable = {
  description: text,
  expiration: text,
  input: object,
  match: list,
  schedule: text,
};

const FIELDS: FieldTable = {
  name: text,
  type: oneOf(...TYPES),
  ...SETTINGS,
  id: ignored,
  enabled: ignored,
};

function invalid(message: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 10001, message: `invalid device posture rule: ${message}` });
}

function rulesIn(call: CloudflareCall): PostureRule[] {
  requireAccount(call);
  return call.world.postureRules ?? [];
}

function find(call: CloudflareCall): PostureRule {
  const rule = rulesIn(call).find(({ id }) => id === param(call, 'rule_id'));
  if (rule !== undefined) return rule;
  throw new CloudflareApiError(404, { code: 10007, message: 'device posture rule not found' });
}

function ruleOf(world: World, body: unknown, before?: PostureRule): PostureRule {
  if (!isObject(body)) throw invalid('the body must be an object');
  const mistake = fieldMistake(body, FIELDS);
  if (mistake !== null) throw invalid(mistake);
  const name = stringOf(body.name, '');
  if (name === '') throw invalid("'name' is missing");
  const type = stringOf(body.type, '');
  if (type === '') throw invalid("'type' is missing");
  const settings = Object.entries(body).filter(([field]) => Object.hasOwn(SETTINGS, field));
  return { id: before?.id ?? newUuid(world), name, type, settings: Object.fromEntries(settings) };
}

function view({ id, name, type, settings }: PostureRule): JsonObject {
  return { id, name, type, description: '', match: [], input: {}, ...settings, enabled: true };
}

/** All rules at once: the list has no pages. */
function listRules(call: CloudflareCall): CloudflareReply {
  return okEnvelope(rulesIn(call).map(view));
}

function createRule(call: CloudflareCall): CloudflareReply {
  const rules = rulesIn(call);
  const rule = ruleOf(call.world, call.body);
  call.world.postureRules = [...rules, rule];
  return okEnvelope(view(rule));
}

function overwriteRule(call: CloudflareCall): CloudflareReply {
  const rule = ruleOf(call.world, call.body, find(call));
  call.world.postureRules = rulesIn(call).map((other) => (other.id === rule.id ? rule : other));
  return okEnvelope(view(rule));
}

function deleteRule(call: CloudflareCall): CloudflareReply {
  const { id } = find(call);
  call.world.postureRules = rulesIn(call).filter((rule) => rule.id !== id);
  return okEnvelope({ id });
}
