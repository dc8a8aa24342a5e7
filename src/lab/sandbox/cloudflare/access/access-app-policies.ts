import { isObject } from '../../state/json.ts';
import type { AccessApp, AccessPolicy, JsonObject } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { paged } from '../api/paging.ts';
import {
  accepted,
  type CloudflareReply,
  createdEnvelope,
  invalidAccessRequest,
  okEnvelope,
} from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { linkedPolicyView, policyNotFound, policyOf } from './access-policy.ts';
import { requireApp, underBoth } from './access-scope.ts';

export const accessAppPolicyRoutes: readonly CloudflareRoute[] = [
  ...underBoth([
    ['GET', '/access/apps/{app_id}/policies', listPolicies],
    ['POST', '/access/apps/{app_id}/policies', createPolicy],
    ['GET', '/access/apps/{app_id}/policies/{policy_id}', getPolicy],
    ['PUT', '/access/apps/{app_id}/policies/{policy_id}', overwritePolicy],
    ['DELETE', '/access/apps/{app_id}/policies/{policy_id}', deletePolicy],
  ]),
  ['PUT', '/accounts/{account_id}/access/apps/{app_id}/policies/{policy_id}/make_reusable', makeReusable],
];

function viewOf(call: CloudflareCall, app: AccessApp, id: string): JsonObject {
  const link = app.policies.find((candidate) => candidate.id === id);
  if (link === undefined) throw policyNotFound();
  return linkedPolicyView(call.world, link);
}

/** A policy that belongs to this application: a reusable one changes only at the account's endpoint. */
function own(call: CloudflareCall, app: AccessApp): AccessPolicy {
  const id = param(call, 'policy_id');
  viewOf(call, app, id);
  const policy = call.world.policies.find((candidate) => candidate.id === id);
  if (policy === undefined) throw policyNotFound();
  if (policy.appId !== app.id)
    throw invalidAccessRequest('can not change a reusable policy through an application');
  return policy;
}

function precedenceOf(app: AccessApp, body: unknown, ownId?: string): number {
  const others = app.policies.filter((link) => link.id !== ownId).map((link) => link.precedence);
  const given = isObject(body) ? body.precedence : undefined;
  if (given === undefined || given === 0) {
    const kept = app.policies.find((link) => link.id === ownId)?.precedence;
    return kept ?? Math.max(0, ...others) + 1;
  }
  if (typeof given !== 'number' || given < 1 || others.includes(given)) {
    throw invalidAccessRequest('precedence must be unique and at least 1');
  }
  return given;
}

function link(app: AccessApp, id: string, precedence: number): void {
  app.policies = [...app.policies.filter((other) => other.id !== id), { id, precedence }].sort(
    (a, b) => a.precedence - b.precedence,
  );
}

/** Both sorts: the application's own policies and the attached reusable ones. */
function listPolicies(call: CloudflareCall): CloudflareReply {
  const app = requireApp(call);
  const { page, info } = paged(app.policies, call.query, { perPage: 200, max: 1000, totalPages: true });
  return okEnvelope(
    page.map((entry) => linkedPolicyView(call.world, entry)),
    info,
  );
}

function createPolicy(call: CloudflareCall): CloudflareReply {
  const app = requireApp(call);
  const reusable = call.world.policies.some(
    (policy) => policy.appId === null && app.policies.some((entry) => entry.id === policy.id),
  );
  if (reusable) throw invalidAccessRequest('reusable and inline policies can not be used together');
  const policy = policyOf(call.world, call.body, { appId: app.id });
  const precedence = precedenceOf(app, call.body);
  call.world.policies.push(policy);
  link(app, policy.id, precedence);
  return createdEnvelope(viewOf(call, app, policy.id));
}

function getPolicy(call: CloudflareCall): CloudflareReply {
  return okEnvelope(viewOf(call, requireApp(call), param(call, 'policy_id')));
}

function overwritePolicy(call: CloudflareCall): CloudflareReply {
  const app = requireApp(call);
  const before = own(call, app);
  const policy = policyOf(call.world, call.body, { appId: app.id, before });
  const precedence = precedenceOf(app, call.body, policy.id);
  call.world.policies = call.world.policies.map((other) => (other.id === policy.id ? policy : other));
  link(app, policy.id, precedence);
  return okEnvelope(viewOf(call, app, policy.id));
}

function deletePolicy(call: CloudflareCall): CloudflareReply {
  const app = requireApp(call);
  const { id } = own(call, app);
  app.policies = app.policies.filter((entry) => entry.id !== id);
  call.world.policies = call.world.policies.filter((policy) => policy.id !== id);
  return accepted({ id });
}

/** Makes a policy reusable. The reply is a list of one, as in its schema. */
function makeReusable(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const app = requireApp({
    ...call,
    params: { ...call.params, scope_kind: 'accounts', scope_id: param(call, 'account_id') },
  });
  const policy = own(call, app);
  policy.appId = null;
  return okEnvelope([viewOf(call, app, policy.id)]);
}
