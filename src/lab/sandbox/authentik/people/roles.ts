import type { RoleRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { integerOf, listOf, required, textField, unique } from '../api/field.ts';
import { equals, type Model, modelRoutes, visibleRow } from '../api/model.ts';
import { need } from '../api/permission.ts';
import { type AuthentikReply, invalid, noContent, notFound, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { readBody } from '../api/serializer.ts';

const roleModel: Model<RoleRow> = {
  app: 'authentik_rbac',
  model: 'role',
  className: 'Role',
  path: '/rbac/roles/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'uuid',
  table: (state) => state.roles,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: unique<RoleRow>(
      required(textField()),
      'name',
      (state) => state.roles,
      'Role with this name already exists.',
    ),
  },
  ordering: 'name',
  searched: ['name'],
  filters: { name: equals('name') },
  view: (_, { pk, name }) => ({ pk, name }),
  create: (call, attributes) => ({ pk: newUuid(call.world), name: '', permissions: [], ...attributes }),
  remove: ({ state }, role) => {
    for (const holder of [...state.users, ...state.groups]) {
      holder.roles = holder.roles.filter((pk) => pk !== role.pk);
    }
  },
};

const ASSIGNED = '/rbac/permissions/assigned_by_roles/{uuid}';

/** Roles and their global permissions; permissions on single objects are refused. */
export const roleRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(roleModel),
  ['POST', '/rbac/roles/{uuid}/add_user/', (call) => changeHolder(call, 'add')],
  ['POST', '/rbac/roles/{uuid}/remove_user/', (call) => changeHolder(call, 'remove')],
  ['POST', `${ASSIGNED}/assign/`, assign],
  ['PATCH', `${ASSIGNED}/unassign/`, unassign],
];

function changeHolder(call: AuthentikCall, how: 'add' | 'remove'): AuthentikReply {
  const role = visibleRow(roleModel, call);
  need(call, 'authentik_rbac.change_role');
  const fields = { pk: required(integerOf(() => true)) };
  const { pk } = readBody(fields, call.body, 'create', { state: call.state, row: null });
  const holder = call.state.users.find((row) => row.pk === pk);
  if (holder === undefined) throw notFound();
  const others = holder.roles.filter((each) => each !== role.pk);
  holder.roles = how === 'add' ? [...others, role.pk] : others;
  return noContent;
}

function assign(call: AuthentikCall): AuthentikReply {
  const role = visibleRow(roleModel, call);
  need(call, 'authentik_rbac.assign_role_permissions');
  const names = permissionNames(call);
  role.permissions = [...new Set([...role.permissions, ...names])];
  return ok(names.map(() => ({ id: newUuid(call.world) })));
}

function unassign(call: AuthentikCall): AuthentikReply {
  const role = visibleRow(roleModel, call);
  need(call, 'authentik_rbac.unassign_role_permissions');
  const names = permissionNames(call);
  role.permissions = role.permissions.filter((name) => !names.includes(name));
  return noContent;
}

function permissionNames(call: AuthentikCall): string[] {
  if (isObject(call.body) && (call.body.model !== undefined || call.body.object_pk !== undefined)) {
    throw invalid({ non_field_errors: ['the sandbox plays global permissions alone'] });
  }
  const fields = { permissions: required(listOf(textField())) };
  const { permissions } = readBody(fields, call.body, 'create', { state: call.state, row: null });
  const names = Array.isArray(permissions) ? permissions.map(String) : [];
  const unknown = names.find((name) => !/^authentik_[a-z0-9_]+\.[a-z0-9_]+$/.test(name));
  if (unknown !== undefined) throw invalid({ permissions: [`"${unknown}" is not a valid choice.`] });
  return names;
}
