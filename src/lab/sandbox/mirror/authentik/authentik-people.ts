import { uidOf } from '../../authentik/api/partial.ts';
import { isSuperuser } from '../../authentik/api/permission.ts';
import { newSecret } from '../../authentik/api/secret.ts';
import type { GroupRow, RoleRow, TokenRow, UserRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import type { World } from '../../state/world.ts';
import { numberOf, numbersOf, put, rowFrom, textOf, textsOf, wordOf } from '../rows/row.ts';
import { type AuthentikCopy, mirroredRows, standIns, tableWith } from './authentik-rows.ts';

const KEY_LENGTH = 60;

/** Reads people, groups, roles and tokens, and the memberships. */
export function readPeople(copy: AuthentikCopy): void {
  const { world, told } = copy;
  const { authentik: state } = world;
  const users = mirroredRows(copy, told.users, 'user', (object) => userOf(world, object));
  state.users = tableWith(state.users, told.users, users, 'pk', 'username');
  const groups = mirroredRows(copy, told.groups, 'group', groupOf);
  state.groups = tableWith(state.groups, told.groups, groups, 'pk', 'name');
  const roles = mirroredRows(copy, told.roles, 'role', roleOf);
  state.roles = tableWith(state.roles, told.roles, roles, 'pk', 'name');
  if (roles.length > 0)
    copy.omissions.say('roles: what they permit is not told, so in the copy they permit nothing');
  readTokens(copy);
  standInParents(copy);
  standInMembers(copy);
  for (const { pk, is_superuser: isTold } of objectsOf(copy)) {
    const user = state.users.find((row) => row.pk === pk);
    if (user !== undefined && isTold === true && !isSuperuser(state, user)) user.superuser = true;
  }
}

function objectsOf({ told }: AuthentikCopy): JsonObject[] {
  return [...told.users.objects.values(), ...told.users.glimpsed.values()];
}

function userOf(world: World, object: JsonObject): UserRow | null {
  const pk = numberOf(object.pk);
  if (pk === undefined) return null;
  const row = rowFrom(standardUser(world, pk), object);
  row.groups = textsOf(object.groups);
  row.roles = textsOf(object.roles);
  const uid = wordOf(object.uid);
  if (uid !== undefined && uid !== uidOf(row)) row.uid = uid;
  return row;
}

/** A person of whom only the key is known. */
export function standardUser(world: World, pk: number): UserRow {
  const at = world.account.createdOn;
  return {
    pk,
    uuid: newUuid(world),
    username: `person-${pk}`,
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
  };
}

/** A group. Before 2025.12, it has one parent. */
function groupOf(object: JsonObject): GroupRow | null {
  const pk = wordOf(object.pk);
  if (pk === undefined) return null;
  const row = rowFrom(standardGroup(pk), object);
  const parent = wordOf(object.parent);
  row.parents = parent === undefined ? textsOf(object.parents) : [parent];
  row.roles = textsOf(object.roles);
  const number = numberOf(object.num_pk);
  return number === undefined ? row : { ...row, num_pk: number };
}

function standardGroup(pk: string): GroupRow {
  return { pk, name: pk, is_superuser: false, parents: [], roles: [], attributes: {} };
}

function roleOf(object: JsonObject): RoleRow | null {
  const pk = wordOf(object.pk);
  return pk === undefined ? null : { pk, name: textOf(object.name) ?? pk, permissions: [] };
}

/** Reads tokens, with invented keys. If the real keys are known, the copy's own token is in no list. */
function readTokens(copy: AuthentikCopy): void {
  const { world, told } = copy;
  const { authentik: state } = world;
  const rows = mirroredRows(copy, told.tokens, 'token', (object): TokenRow | null => {
    const identifier = wordOf(object.identifier);
    if (identifier === undefined) return null;
    const standard = { ...standardToken(world), identifier };
    return rowFrom(standard, object);
  });
  const [own] = state.tokens;
  const others = tableWith([], told.tokens, rows, 'identifier');
  const wasRead = told.tokens.isWhole || rows.length > 0;
  state.tokens = own === undefined ? others : [wasRead ? { ...own, hidden: true } : own, ...others];
}

function standardToken(world: World): TokenRow {
  return {
    pk: newUuid(world),
    identifier: '',
    intent: 'api',
    user: 0,
    description: '',
    expires: null,
    expiring: false,
    managed: null,
    key: newSecret(world, KEY_LENGTH),
  };
}

/** Adds groups that others name as their parents or children, or people as theirs. */
function standInParents({ world, told }: AuthentikCopy): void {
  const { authentik: state } = world;
  const { groups: table } = state;
  const named = [...table.flatMap(({ parents }) => parents), ...state.users.flatMap(({ groups }) => groups)];
  standIns(told.groups, table, 'pk', named, standardGroup);
  for (const [parent, { children, parent_name: name }] of told.groups.objects) {
    standIns(told.groups, table, 'pk', textsOf(children), standardGroup);
    for (const child of table.filter(({ pk }) => textsOf(children).includes(pk))) {
      const wasRead = told.groups.objects.has(child.pk);
      if (!wasRead && !child.parents.includes(parent)) child.parents.push(parent);
    }
    const own = table.find(({ pk }) => pk === parent)?.parents[0];
    const shown = table.find(({ pk }) => pk === own);
    if (shown?.name === own && shown !== undefined) shown.name = wordOf(name) ?? shown.name;
  }
  const roles = [...table, ...state.users].flatMap((row) => row.roles);
  standIns(told.roles, state.roles, 'pk', roles, (pk) => ({ pk, name: pk, permissions: [] }));
}

/** Stores members with the person, even if only the group was read. */
function standInMembers({ world, told }: AuthentikCopy): void {
  const { authentik: state } = world;
  for (const [group, object] of told.groups.objects) {
    const members = numbersOf(object.users);
    standIns(told.users, state.users, 'pk', members, (pk) => standardUser(world, pk));
    for (const member of state.users) {
      const wasRead = told.users.objects.has(String(member.pk));
      if (!wasRead && members.includes(member.pk) && !member.groups.includes(group))
        member.groups.push(group);
    }
  }
  standIns(
    told.users,
    state.users,
    'pk',
    state.tokens.filter(({ hidden }) => hidden !== true).map(({ user }) => user),
    (pk) => standardUser(world, pk),
  );
  const existing = new Set(state.groups.map(({ pk }) => pk));
  for (const user of state.users) {
    if (!told.users.objects.has(String(user.pk))) user.groups = user.groups.filter((pk) => existing.has(pk));
  }
  state.users.sort((a, b) => a.pk - b.pk);
}

/** Sets the owner of the copy's token: the person behind the real one, who may do everything here; else a superuser. */
export function settleOwner({ world, told }: AuthentikCopy, me: number | undefined): void {
  const { authentik: state } = world;
  const [token] = state.tokens;
  if (token === undefined) return;
  const own = state.users.find(({ pk }) => pk === (me ?? token.user));
  const person = ({ type, is_active }: UserRow) => is_active && type !== 'internal_service_account';
  const wasMet = me !== undefined && own !== undefined;
  const owner =
    (wasMet || !told.users.isWhole ? own : undefined) ??
    state.users.find((user) => person(user) && isSuperuser(state, user)) ??
    state.users.find(person) ??
    put(state.users, 'pk', { ...standardUser(world, 1), username: 'akadmin' });
  token.user = owner.pk;
  owner.is_active = true;
  if (isSuperuser(state, owner)) return;
  if (wasMet) owner.trusted = true;
  else owner.superuser = true;
}
