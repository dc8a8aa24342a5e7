import type { AccessGroup } from '../../state/world.ts';
import { paged } from '../api/paging.ts';
import {
  accepted,
  CloudflareApiError,
  type CloudflareReply,
  createdEnvelope,
  invalidAccessRequest,
  okEnvelope,
} from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { groupOf, groupsNamed, groupView } from './access-group.ts';
import { scopeOf, underBoth } from './access-scope.ts';

export const accessGroupRoutes: readonly CloudflareRoute[] = underBoth([
  ['GET', '/access/groups', listGroups],
  ['POST', '/access/groups', createGroup],
  ['GET', '/access/groups/{group_id}', (call) => okEnvelope(groupView(find(call)))],
  ['PUT', '/access/groups/{group_id}', overwriteGroup],
  ['DELETE', '/access/groups/{group_id}', deleteGroup],
]);

function groupsOf(call: CloudflareCall): AccessGroup[] {
  scopeOf(call);
  return call.world.accessGroups ?? [];
}

function find(call: CloudflareCall): AccessGroup {
  const id = param(call, 'group_id');
  const group = groupsOf(call).find((candidate) => candidate.id === id);
  if (group !== undefined) return group;
  throw new CloudflareApiError(404, { code: 12136, message: 'access.api.error.group_not_found' });
}

function listGroups(call: CloudflareCall): CloudflareReply {
  const [name, search] = [call.query.get('name'), call.query.get('search')];
  const found = groupsOf(call).filter(
    (group) => (name === null || group.name === name) && (search === null || group.name.includes(search)),
  );
  const { page, info } = paged(found, call.query, { perPage: 1000, max: 1000, totalPages: true });
  return okEnvelope(page.map(groupView), info);
}

function createGroup(call: CloudflareCall): CloudflareReply {
  const groups = groupsOf(call);
  const group = groupOf(call.world, call.body);
  call.world.accessGroups = [...groups, group];
  return createdEnvelope(groupView(group));
}

function overwriteGroup(call: CloudflareCall): CloudflareReply {
  const group = groupOf(call.world, call.body, find(call));
  call.world.accessGroups = groupsOf(call).map((other) => (other.id === group.id ? group : other));
  return okEnvelope(groupView(group));
}

function deleteGroup(call: CloudflareCall): CloudflareReply {
  const { id } = find(call);
  const users = [...call.world.policies, ...groupsOf(call)];
  if (users.some((user) => groupsNamed(user).includes(id))) {
    throw invalidAccessRequest('cannot delete group because it is used by a policy or another group');
  }
  call.world.accessGroups = groupsOf(call).filter((group) => group.id !== id);
  return accepted({ id });
}
