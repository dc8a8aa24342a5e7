import type { AccessPolicy, JsonObject, World } from '../../state/world.ts';
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
import { policyNotFound, policyOf, policyView } from './access-policy.ts';

export const accessPolicyRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/access/policies', listPolicies],
  ['POST', '/accounts/{account_id}/access/policies', createPolicy],
  ['GET', '/accounts/{account_id}/access/policies/{policy_id}', getPolicy],
  ['PUT', '/accounts/{account_id}/access/policies/{policy_id}', overwritePolicy],
  ['DELETE', '/accounts/{account_id}/access/policies/{policy_id}', deletePolicy],
];

/** The most policies of the account, without those of single applications. */
const MOST_POLICIES = 500;

function reusableView(world: World, policy: AccessPolicy): JsonObject {
  return { ...policyView(policy), app_count: appsWith(world, policy.id) };
}

function appsWith(world: World, policyId: string): number {
  return world.apps.filter((app) => app.policies.some((link) => link.id === policyId)).length;
}

/** The reusable policy of the path; one that belongs to an application is not found here (facts §10, #5586). */
function find(call: CloudflareCall): AccessPolicy {
  requireAccount(call);
  const id = param(call, 'policy_id');
  const policy = call.world.policies.find((candidate) => candidate.id === id && candidate.appId === null);
  if (policy === undefined) throw policyNotFound();
  return policy;
}

function listPolicies(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const reusable = call.world.policies.filter((policy) => policy.appId === null);
  const { page, info } = paged(reusable, call.query, { perPage: 100, max: 1000, totalPages: true });
  return okEnvelope(
    page.map((policy) => reusableView(call.world, policy)),
    info,
  );
}

function createPolicy(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const { world, body } = call;
  const policy = policyOf(world, body, { appId: null });
  const most = world.accessLimits?.policies ?? MOST_POLICIES;
  if (world.policies.filter(({ appId }) => appId === null).length >= most) {
    throw invalidAccessRequest(`maximum number of reusable policies (${most}) has been reached`);
  }
  call.world.policies.push(policy);
  return createdEnvelope(reusableView(call.world, policy));
}

function getPolicy(call: CloudflareCall): CloudflareReply {
  return okEnvelope(reusableView(call.world, find(call)));
}

function overwritePolicy(call: CloudflareCall): CloudflareReply {
  const before = find(call);
  const policy = policyOf(call.world, call.body, { appId: null, before });
  call.world.policies = call.world.policies.map((other) => (other.id === policy.id ? policy : other));
  return okEnvelope(reusableView(call.world, policy));
}

function deletePolicy(call: CloudflareCall): CloudflareReply {
  const { id } = find(call);
  if (appsWith(call.world, id) > 0) {
    throw invalidAccessRequest(
      'cannot delete policy because it is attached to an application: detach it first',
    );
  }
  call.world.policies = call.world.policies.filter((policy) => policy.id !== id);
  return accepted({ id });
}
