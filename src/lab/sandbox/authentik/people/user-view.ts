import type { AuthentikState, UserRow } from '../../state/authentik-state.ts';
import type { JsonObject } from '../../state/json.ts';
import { partialGroup, roleViews, uidOf } from '../api/partial.ts';
import { isSuperuser } from '../api/permission.ts';

/** A person as every endpoint shows them in full. */
export function userView(state: AuthentikState, row: UserRow): JsonObject {
  const { pk, username, name, is_active, last_login, date_joined, groups, roles, email } = row;
  const { attributes, path, type, uuid, last_updated } = row;
  return {
    pk,
    username,
    name,
    is_active,
    last_login,
    date_joined,
    is_superuser: isSuperuser(state, row),
    groups,
    groups_obj: state.groups.filter((group) => groups.includes(group.pk)).map(partialGroup),
    roles,
    roles_obj: roleViews(state, roles),
    email,
    avatar: '/static/dist/assets/images/user_default.png',
    attributes,
    uid: uidOf(row),
    path,
    type,
    uuid,
    password_change_date: date_joined,
    last_updated,
  };
}
