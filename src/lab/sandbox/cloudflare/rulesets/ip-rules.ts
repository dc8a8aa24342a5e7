import { fieldMistake, object, oneOf, text } from '../../state/field.ts';
import { newHex } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type IpRule, type JsonObject, timestamp, type World } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { paged } from '../api/paging.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';

/** IP Access rules of a zone, and those of the account, which apply to every zone. */
export const ipRuleRoutes: readonly CloudflareRoute[] = [
  ['GET', '/zones/{zone_id}/firewall/access_rules/rules', listRules],
  ['POST', '/zones/{zone_id}/firewall/access_rules/rules', createRule],
  ['DELETE', '/zones/{zone_id}/firewall/access_rules/rules/{rule_id}', deleteRule],
  ['GET', '/accounts/{account_id}/firewall/access_rules/rules', listRules],
  ['POST', '/accounts/{account_id}/firewall/access_rules/rules', createRule],
];

const MODES = ['whitelist', 'block', 'challenge', 'js_challenge', 'managed_challenge'] as const;
const TARGETS = ['ip', 'ip_range', 'country', 'asn'] as const;

/** The rules that apply to a zone: its own and the account's. */
export function rulesIn(world: World, zoneId: string | null): IpRule[] {
  return (world.ipRules ?? []).filter((rule) => rule.zoneId === null || rule.zoneId === zoneId);
}

/** The zone of the path; null for the account. */
function placeOf(call: CloudflareCall): string | null {
  if (call.params.zone_id !== undefined) return requireZone(call).id;
  requireAccount(call);
  return null;
}

function view({ world }: CloudflareCall, rule: IpRule): JsonObject {
  const { id, mode, target, value, notes, zoneId, createdOn } = rule;
  return {
    id,
    mode,
    notes,
    configuration: { target, value },
    allowed_modes: [...MODES],
    scope: zoneId === null ? { type: 'organization', id: world.account.id } : { type: 'zone', id: zoneId },
    created_on: createdOn,
    modified_on: createdOn,
  };
}

function listRules(call: CloudflareCall): CloudflareReply {
  const found = rulesIn(call.world, placeOf(call));
  const { page, info } = paged(found, call.query, { perPage: 20, max: 1000, totalPages: true });
  return okEnvelope(
    page.map((rule) => view(call, rule)),
    info,
  );
}

function createRule(call: CloudflareCall): CloudflareReply {
  const zoneId = placeOf(call);
  const { world, body } = call;
  const configuration = isObject(body) ? body.configuration : undefined;
  const mistake = isObject(body)
    ? (fieldMistake(body, { mode: oneOf(...MODES), configuration: object, notes: text }) ??
      (isObject(configuration)
        ? fieldMistake(configuration, { target: oneOf(...TARGETS), value: text })
        : "'configuration' is missing"))
    : 'the body must be an object';
  const mode = isObject(body) ? MODES.find((known) => known === body.mode) : undefined;
  const target = isObject(configuration)
    ? TARGETS.find((known) => known === configuration.target)
    : undefined;
  if (!isObject(body) || !isObject(configuration) || mistake !== null || !mode || !target) {
    throw new CloudflareApiError(400, {
      code: 1001,
      message: `Invalid request: ${mistake ?? 'a field is missing'}`,
    });
  }
  const rule: IpRule = {
    id: newHex(world, 32),
    zoneId,
    mode,
    target,
    value: String(configuration.value ?? ''),
    notes: typeof body.notes === 'string' ? body.notes : '',
    createdOn: timestamp(world),
  };
  world.ipRules = [...(world.ipRules ?? []), rule];
  return okEnvelope(view(call, rule));
}

function deleteRule(call: CloudflareCall): CloudflareReply {
  const zoneId = placeOf(call);
  const id = param(call, 'rule_id');
  const rules = call.world.ipRules ?? [];
  if (!rules.some((rule) => rule.id === id && rule.zoneId === zoneId)) {
    throw new CloudflareApiError(404, { code: 10001, message: 'firewallaccessrules.api.not_found' });
  }
  call.world.ipRules = rules.filter((rule) => rule.id !== id);
  return okEnvelope({ id });
}
