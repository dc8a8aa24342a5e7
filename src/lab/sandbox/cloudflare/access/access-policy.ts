import {
  type FieldTable,
  fieldMistake,
  flag,
  ignored,
  integer,
  isStringArray,
  list,
  object,
  oneOf,
  orNull,
  text,
  texts,
} from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import {
  type AccessPolicy,
  type JsonObject,
  type PolicyLink,
  timestamp,
  type World,
} from '../../state/world.ts';
import { requireEntitlement } from '../api/access-entitlement.ts';
import { CloudflareApiError, invalidAccessRequest } from '../api/reply.ts';
import { accessRules } from './access-rule.ts';
import { isSessionDuration } from './go-duration.ts';

const DECISIONS = ['allow', 'deny', 'bypass', 'non_identity'] as const;

const SETTINGS: FieldTable = {
  purpose_justification_required: flag,
  purpose_justification_prompt: text,
  approval_required: flag,
  approval_groups: list,
  isolation_required: flag,
  connection_rules: object,
  mfa_config: object,
};

const FIELDS: FieldTable = {
  name: text,
  decision: oneOf(...DECISIONS),
  include: list,
  exclude: list,
  require: list,
  session_duration: orNull(text),
  ...SETTINGS,
  id: ignored,
  uid: ignored,
  created_at: ignored,
  updated_at: ignored,
  app_count: ignored,
  reusable: ignored,
  account_id: ignored,
};

/** The fields of an app-scoped policy, with its own place in the app. */
const APP_FIELDS: FieldTable = { ...FIELDS, precedence: integer };

export interface PolicyTarget {
  appId: string | null;
  before?: AccessPolicy | undefined;
}

/** The policy of a complete body, or the refusal; nothing is stored yet. */
export function policyOf(world: World, body: unknown, target: PolicyTarget): AccessPolicy {
  if (!isObject(body)) throw invalidAccessRequest('policy is missing or invalid');
  const mistake = fieldMistake(body, target.appId === null ? FIELDS : APP_FIELDS);
  if (mistake !== null) throw invalidAccessRequest(mistake);
  const decision = DECISIONS.find((candidate) => candidate === body.decision);
  if (decision === undefined) throw invalidAccessRequest('unrecognized policy decision');
  if (typeof body.name !== 'string' || body.name === '' || body.name.length > 350) {
    throw invalidAccessRequest('policy name must have 1 to 350 characters');
  }
  refuseUnusable(world, body, decision);
  const include = accessRules(world, body.include, decision, 'include');
  if (include.length === 0) throw invalidAccessRequest('policy must have at least one include rule');
  const at = timestamp(world);
  const id = target.before?.id ?? newUuid(world);
  return {
    id,
    uid: id,
    appId: target.appId,
    name: body.name,
    decision,
    include,
    exclude: accessRules(world, body.exclude, decision, 'exclude'),
    require: accessRules(world, body.require, decision, 'require'),
    sessionDuration: sessionDuration(body.session_duration),
    settings: policySettings(body),
    createdAt: target.before?.createdAt ?? at,
    updatedAt: at,
  };
}

const APPROVAL_FIELDS: FieldTable = {
  approvals_needed: {
    says: 'must be a positive integer',
    holds: (value) => Number.isInteger(value) && Number(value) > 0,
  },
  email_addresses: texts,
  email_list_uuid: text,
};

/** Refuses settings that the account may not use, that are incomplete, or that have no effect on this decision. */
function refuseUnusable(world: World, body: JsonObject, decision: string): void {
  const wanted = [
    ['purpose_justification_required', 'justification'],
    ['approval_required', 'approval'],
    ['isolation_required', 'isolation'],
  ] as const;
  for (const [field, feature] of wanted) {
    if (body[field] !== true) continue;
    if (decision !== 'allow') throw invalidAccessRequest(`${field} can only be used with the decision allow`);
    requireEntitlement(world, feature);
  }
  const groups = Array.isArray(body.approval_groups) ? body.approval_groups : [];
  for (const group of groups) {
    const mistake = isObject(group) ? fieldMistake(group, APPROVAL_FIELDS) : 'must be an object';
    if (mistake !== null) throw invalidAccessRequest(`invalid approval group: ${mistake}`);
    if (!isObject(group) || group.approvals_needed === undefined) {
      throw invalidAccessRequest("invalid approval group: 'approvals_needed' is missing");
    }
    if (
      !(isStringArray(group.email_addresses) && group.email_addresses.length > 0) &&
      !group.email_list_uuid
    ) {
      throw invalidAccessRequest('invalid approval group: nobody can approve');
    }
  }
  if (body.approval_required === true && groups.length === 0) {
    throw invalidAccessRequest('approval_required needs approval_groups');
  }
  if (body.approval_required === true && body.purpose_justification_required !== true) {
    throw invalidAccessRequest('approval_required needs purpose_justification_required');
  }
}

/** The fields of a policy that are only stored and shown. */
export function policySettings(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => Object.hasOwn(SETTINGS, name)));
}

function sessionDuration(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || !isSessionDuration(value)) {
    throw invalidAccessRequest('session_duration must be a duration such as 24h, 730h at most');
  }
  return value;
}

/** A policy in replies, without its place in an app. */
export function policyView(policy: AccessPolicy): JsonObject {
  return {
    id: policy.id,
    uid: policy.uid,
    name: policy.name,
    decision: policy.decision,
    include: policy.include,
    exclude: policy.exclude,
    require: policy.require,
    ...(policy.sessionDuration === null ? {} : { session_duration: policy.sessionDuration }),
    ...policy.settings,
    reusable: policy.appId === null,
    created_at: policy.createdAt,
    updated_at: policy.updatedAt,
  };
}

/** The complete policy of a link in an application's reply, never the bare id that was sent. */
export function linkedPolicyView(world: World, link: PolicyLink): JsonObject {
  const policy = world.policies.find((candidate) => candidate.id === link.id);
  if (policy === undefined) throw new Error(`the world links a policy that is gone: ${link.id}`);
  return { ...policyView(policy), precedence: link.precedence };
}

export function policyNotFound(): CloudflareApiError {
  return new CloudflareApiError(404, { code: 12131, message: 'access.api.error.policy_not_found' });
}
