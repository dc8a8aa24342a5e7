import type { AuthentikState, GroupRow, UserRow } from '../../state/authentik-state.ts';
import { lacksPermission } from './reply.ts';
import type { AuthentikCall } from './router.ts';

/** The groups of a person, with all ancestors: membership is recursive (facts §2.6). */
export function groupsOf(state: AuthentikState, user: UserRow): GroupRow[] {
  const found = new Map<string, GroupRow>();
  const visit = (pk: string): void => {
    const group = state.groups.find((candidate) => candidate.pk === pk);
    if (group === undefined || found.has(pk)) return;
    found.set(pk, group);
    for (const parent of group.parents) visit(parent);
  };
  for (const pk of user.groups) visit(pk);
  return [...found.values()];
}

export function isSuperuser(state: AuthentikState, user: UserRow): boolean {
  return user.superuser === true || groupsOf(state, user).some((group) => group.is_superuser);
}

/** The global permissions of a person by their roles and their groups' roles, as `app.codename`. */
export function permissionsOf(state: AuthentikState, user: UserRow): string[] {
  const roles = new Set([...user.roles, ...groupsOf(state, user).flatMap((group) => group.roles)]);
  const named = state.roles.filter((role) => roles.has(role.pk)).flatMap((role) => role.permissions);
  return [...new Set(named)].sort();
}

export function may(call: AuthentikCall, permission: string): boolean {
  if (call.caller === null) return false;
  if (call.caller.trusted === true || isSuperuser(call.state, call.caller)) return true;
  return permissionsOf(call.state, call.caller).includes(permission);
}

/** Throws 403 unless the caller has the permission. */
export function need(call: AuthentikCall, permission: string): void {
  if (!may(call, permission)) throw lacksPermission();
}
