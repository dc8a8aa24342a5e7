import type { UserRow } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import { timestamp } from '../../state/world.ts';
import { choiceOf, dictionary, flagField, required, setOf, textField, unique, uuidOf } from '../api/field.ts';
import { ended, equals, type Filter, isTrue, type Model, made, modelRoutes, usage } from '../api/model.ts';
import { roleViews, uidOf } from '../api/partial.ts';
import { isSuperuser, may, need, permissionsOf } from '../api/permission.ts';
import { type AuthentikReply, denied, invalid, invalidField, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { readBody } from '../api/serializer.ts';
import { bindingModel, bindingTitle } from './bindings.ts';
import { tokenModel } from './tokens.ts';
import { userView } from './user-view.ts';

const YEAR_MS = 360 * 24 * 3600 * 1000;
const SYSTEM_PERMISSIONS = ['access_admin_interface', 'edit_system_settings', 'view_system_info'];

export const userModel: Model<UserRow> = {
  app: 'authentik_core',
  model: 'user',
  className: 'User',
  path: '/core/users/',
  lookup: 'pk',
  keyKind: 'integer',
  parameter: 'id',
  table: (state) => state.users,
  title: (row) => row.username,
  pk: (row) => row.pk,
  fields: {
    username: unique<UserRow>(
      required(textField({ max: 150 })),
      'username',
      (state) => state.users,
      'This field must be unique.',
    ),
    name: required(textField({ blank: true })),
    is_active: flagField,
    groups: setOf(uuidOf((state, pk) => state.groups.some((row) => row.pk === pk))),
    roles: setOf(uuidOf((state, pk) => state.roles.some((row) => row.pk === pk))),
    email: textField({ blank: true, max: 254 }),
    attributes: dictionary,
    path: textField(),
    type: choiceOf('internal', 'external', 'service_account', 'internal_service_account'),
  },
  ordering: 'pk',
  searched: ['username', 'name', 'email'],
  isQueried: true,
  filters: {
    username: equals('username'),
    name: equals('name'),
    email: equals('email'),
    uuid: equals('uuid'),
    type: equals('type'),
    path: equals('path'),
    path_startswith: (value) => (row) => row.path.startsWith(value),
    is_active: isTrue((row) => row.is_active),
    is_superuser: isTrue((row, call) => isSuperuser(call.state, row)),
    groups_by_name: inGroup('name'),
    groups_by_pk: inGroup('pk'),
  },
  view: ({ state }, row) => userView(state, row),
  validate: (_, attributes, row) => {
    const internal = 'internal_service_account';
    if (row?.type === internal || (row === null && attributes.type === internal)) {
      throw invalid({ non_field_errors: ["Can't modify internal service account users"] });
    }
  },
  create: (call, attributes) => {
    call.state.lastPk.user += 1;
    const at = timestamp(call.world);
    return {
      pk: call.state.lastPk.user,
      uuid: newUuid(call.world),
      username: '',
      name: '',
      email: '',
      is_active: true,
      path: 'users',
      type: 'internal',
      groups: [],
      roles: [],
      attributes: {},
      last_login: null,
      date_joined: at,
      last_updated: at,
      ...attributes,
    };
  },
  update: (call, row, attributes) => {
    Object.assign(row, attributes, { last_updated: timestamp(call.world) });
  },
  remove: (call, row) => {
    const { state } = call;
    for (const binding of state.bindings.filter((each) => each.user === row.pk)) {
      ended(bindingModel, call, binding);
    }
    state.tokens = state.tokens.filter((token) => token.user !== row.pk);
  },
  usedBy: ({ state }, row) =>
    state.bindings
      .filter((binding) => binding.user === row.pk)
      .map((binding) => usage(bindingModel, binding.pk, bindingTitle(state, binding), 'cascade')),
};

export const userRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(userModel),
  ['GET', '/core/users/me/', whoAmI],
  ['POST', '/core/users/service_account/', createServiceAccount],
];

function inGroup(member: 'name' | 'pk'): Filter<UserRow> {
  return (value, call) => (row) =>
    call.state.groups.some((group) => row.groups.includes(group.pk) && group[member] === value);
}

function whoAmI(call: AuthentikCall): AuthentikReply {
  const { state, caller } = call;
  if (caller === null) throw denied('Authentication credentials were not provided.');
  const own = permissionsOf(state, caller)
    .filter((name) => name.startsWith('authentik_rbac.'))
    .map((name) => name.slice('authentik_rbac.'.length));
  const hasSessions = isAtLeast(state.version, '2026.8');
  const self = {
    pk: caller.pk,
    username: caller.username,
    name: caller.name,
    is_active: caller.is_active,
    is_superuser: isSuperuser(state, caller),
    ...(hasSessions ? { is_current: true } : {}),
    groups: state.groups
      .filter((group) => caller.groups.includes(group.pk))
      .map(({ name, pk }) => ({ name, pk })),
    roles: roleViews(state, caller.roles),
    email: caller.email,
    avatar: '/static/dist/assets/images/user_default.png',
    uid: uidOf(caller),
    settings: {},
    type: caller.type,
    system_permissions: isSuperuser(state, caller) ? SYSTEM_PERMISSIONS : own,
  };
  return ok(hasSessions ? { user: self, users: [self] } : { user: self });
}

/** Answers 200 instead of 201, with an app password, which is no API token (facts §2.11). */
function createServiceAccount(call: AuthentikCall): AuthentikReply {
  need(call, 'authentik_core.add_user');
  need(call, 'authentik_core.add_token');
  const { world, state, body } = call;
  const fields = { name: required(textField()), create_group: flagField, expiring: flagField };
  const { name, create_group, expiring } = readBody(fields, body, 'create', { state, row: null });
  const username = String(name);
  if (state.users.some((row) => row.username === username)) {
    throw invalidField('name', 'This field must be unique.');
  }
  const wantsGroup = create_group === true && may(call, 'authentik_core.add_group');
  if (wantsGroup && state.groups.some((group) => group.name === username)) {
    throw invalid({ non_field_errors: ['A user/group with these details already exists'] });
  }
  const account = made(userModel, call, {
    username,
    name: username,
    type: 'service_account',
    path: 'goauthentik.io/service-accounts',
    attributes: {},
  });
  const expires = isObject(body) && typeof body.expires === 'string' ? body.expires : null;
  const token = made(tokenModel, call, {
    identifier: `service-account-${username.toLowerCase().replace(/[^-a-z0-9_]+/g, '-')}-password`,
    intent: 'app_password',
    user: account.pk,
    expiring: expiring ?? true,
    expires: expires ?? new Date(Date.parse(timestamp(world)) + YEAR_MS).toISOString(),
  });
  if (!wantsGroup) return ok({ ...serviceAccountView(account), token: token.key });
  const group = {
    pk: newUuid(world),
    name: username,
    is_superuser: false,
    parents: [],
    roles: [],
    attributes: {},
  };
  state.groups.push(group);
  account.groups.push(group.pk);
  return ok({ ...serviceAccountView(account), token: token.key, group_pk: group.pk });
}

function serviceAccountView(account: UserRow): JsonObject {
  return { username: account.username, user_uid: uidOf(account), user_pk: account.pk };
}
