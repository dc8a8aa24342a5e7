import type { Attributes, AuthentikState, GroupRow } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import { forgetPages } from '../api/application-pages.ts';
import { Crash } from '../api/crash.ts';
import { record } from '../api/event.ts';
import {
  dictionary,
  flagField,
  integerOf,
  nullable,
  required,
  setOf,
  since,
  textField,
  unique,
  until,
  uuidOf,
} from '../api/field.ts';
import {
  ended,
  equals,
  type Filter,
  isTrue,
  type Model,
  modelRoutes,
  usage,
  visibleRow,
} from '../api/model.ts';
import { groupNumber, partialUser, relatedGroup, roleViews } from '../api/partial.ts';
import { may, need } from '../api/permission.ts';
import { AuthentikApiError, type AuthentikReply, invalidField, noContent, notFound } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { readBody } from '../api/serializer.ts';
import { bindingModel, bindingTitle } from './bindings.ts';

const groupReference = uuidOf((state, pk) => state.groups.some((row) => row.pk === pk));

export const groupModel: Model<GroupRow> = {
  app: 'authentik_core',
  model: 'group',
  className: 'Group',
  path: '/core/groups/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'group_uuid',
  table: (state) => state.groups,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: unique<GroupRow>(
      required(textField()),
      'name',
      (state) => state.groups,
      'Group with this name already exists.',
    ),
    is_superuser: flagField,
    parent: until('2025.12', nullable(groupReference)),
    parents: since('2025.12', setOf(groupReference)),
    users: { ...setOf(integerOf((state, pk) => state.users.some((row) => row.pk === pk))), resetByPut: [] },
    attributes: dictionary,
    roles: setOf(uuidOf((state, pk) => state.roles.some((row) => row.pk === pk))),
  },
  ordering: 'name',
  searched: ['name'],
  isQueried: true,
  filters: {
    name: equals('name'),
    is_superuser: isTrue((row) => row.is_superuser),
    attributes: attributesFilter(),
    members_by_pk: (value, call) => (row) => members(call.state, row).includes(Number(value)),
    members_by_username: (value, call) => (row) =>
      call.state.users.some(({ username, groups }) => username === value && groups.includes(row.pk)),
  },
  view: groupView,
  validate: (call, attributes, row) => {
    refuseOwnParent(attributes, row);
    refuseSuperuser(call, attributes, row);
  },
  create: (call, attributes) => {
    const row: GroupRow = {
      pk: newUuid(call.world),
      name: '',
      is_superuser: false,
      parents: [],
      roles: [],
      attributes: {},
    };
    assign(call.state, row, attributes);
    return row;
  },
  update: (call, row, attributes) => assign(call.state, row, attributes),
  remove: (call, row) => {
    const { state } = call;
    for (const binding of state.bindings.filter(({ group }) => group === row.pk)) {
      ended(bindingModel, call, binding);
    }
    for (const member of state.users) member.groups = member.groups.filter((pk) => pk !== row.pk);
    for (const child of state.groups) child.parents = child.parents.filter((pk) => pk !== row.pk);
  },
  usedBy: groupUsers,
};

export const groupRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(groupModel),
  ['POST', '/core/groups/{group_uuid}/add_user/', (call) => changeMembership(call, 'add')],
  ['POST', '/core/groups/{group_uuid}/remove_user/', (call) => changeMembership(call, 'remove')],
];

/**
 * The users of a group. Crashes unless the caller may see all rows of two tables with text keys: PostgreSQL refuses to
 * compare such keys with those of permissions on single objects. Groups have no table of ancestors before 2025.12.
 */
function groupUsers(call: AuthentikCall, row: GroupRow): JsonObject[] {
  const { state } = call;
  const tables = isAtLeast(state.version, '2025.12') ? ['authentik_core.view_groupancestrynode'] : [];
  if (![...tables, 'authentik_sources_scim.view_scimsourcegroup'].every((needed) => may(call, needed))) {
    throw new Crash();
  }
  return [
    ...state.bindings
      .filter(({ group }) => group === row.pk)
      .map((binding) => usage(bindingModel, binding.pk, bindingTitle(state, binding), 'cascade')),
    ...state.users
      .filter(({ groups }) => groups.includes(row.pk))
      .map(({ pk, username }) =>
        usage({ app: 'authentik_core', model: 'user' }, pk, username, 'cascade_many'),
      ),
  ];
}

/** Stores membership with the person; the group's `users` is another view of it. */
function assign(state: AuthentikState, row: GroupRow, attributes: Attributes): void {
  const { users, parent, ...rest } = attributes;
  Object.assign(row, rest);
  if (parent !== undefined) row.parents = typeof parent === 'string' ? [parent] : [];
  if (!Array.isArray(users)) return;
  for (const member of state.users) {
    const others = member.groups.filter((pk) => pk !== row.pk);
    member.groups = users.includes(member.pk) ? [...others, row.pk] : others;
  }
}

function members(state: AuthentikState, row: GroupRow): number[] {
  return state.users.filter(({ groups }) => groups.includes(row.pk)).map(({ pk }) => pk);
}

/** Refuses a group as its own parent. No release refuses a circle of several groups. */
function refuseOwnParent({ parent }: Attributes, row: GroupRow | null): void {
  if (row !== null && parent === row.pk)
    throw invalidField('parent', 'Cannot set group as parent of itself.');
}

function refuseSuperuser(call: AuthentikCall, attributes: Attributes, row: GroupRow | null): void {
  const wanted = attributes.is_superuser;
  if (wanted === undefined || wanted === (row?.is_superuser ?? false)) return;
  const needed = wanted ? 'authentik_core.enable_group_superuser' : 'authentik_core.disable_group_superuser';
  if (may(call, needed)) return;
  const status = wanted ? 'True' : 'False';
  throw invalidField('is_superuser', `User does not have permission to set superuser status to ${status}.`);
}

function changeMembership(call: AuthentikCall, how: 'add' | 'remove'): AuthentikReply {
  const group = visibleRow(groupModel, call);
  need(call, how === 'add' ? 'authentik_core.add_user_to_group' : 'authentik_core.remove_user_from_group');
  const fields = { pk: required(integerOf(() => true)) };
  const { pk } = readBody(fields, call.body, 'create', { state: call.state, row: null });
  const member = call.state.users.find((row) => row.pk === pk);
  if (member === undefined) throw notFound();
  const others = member.groups.filter((each) => each !== group.pk);
  member.groups = how === 'add' ? [...others, group.pk] : others;
  record(call, 'model_updated', groupModel, group.pk, group.name);
  forgetPages(call.state, groupModel.model, 'updated');
  return noContent;
}

function groupView(call: AuthentikCall, row: GroupRow): JsonObject {
  const { state, query } = call;
  const wants = (name: string, standard: boolean) => (query.get(name) ?? String(standard)) === 'true';
  const users = members(state, row);
  const children = state.groups.filter(({ parents }) => parents.includes(row.pk));
  const parents = state.groups.filter(({ pk }) => row.parents.includes(pk));
  const { pk, name, is_superuser, attributes, roles } = row;
  return {
    pk,
    num_pk: groupNumber(row),
    name,
    is_superuser,
    ...(isAtLeast(state.version, '2025.12')
      ? {
          parents: row.parents,
          parents_obj: wants('include_parents', false) ? parents.map(relatedGroup) : null,
          inherited_roles_obj: wants('include_inherited_roles', false)
            ? roleViews(
                state,
                parents.flatMap((parent) => parent.roles),
              )
            : null,
        }
      : { parent: row.parents[0] ?? null, parent_name: parents[0]?.name ?? null }),
    users,
    users_obj: wants('include_users', true)
      ? state.users.filter((member) => users.includes(member.pk)).map(partialUser)
      : null,
    attributes,
    roles,
    roles_obj: roleViews(state, roles),
    children: children.map((child) => child.pk),
    children_obj: wants('include_children', false) ? children.map(relatedGroup) : null,
  };
}

/** `?attributes={"key__inner":"value"}`: members by their path (facts §2.5). */
function attributesFilter(): Filter<GroupRow> {
  return (text) => {
    const wanted = parsedFilter(text);
    return (row) =>
      Object.entries(wanted).every(([path, value]) => {
        const found = path
          .split('__')
          .reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), row.attributes);
        return JSON.stringify(found) === JSON.stringify(value);
      });
  };
}

function parsedFilter(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    throw new AuthentikApiError(400, ['filter: failed to parse JSON']);
  }
  throw new AuthentikApiError(400, ['filter: value must be key:value mapping']);
}
