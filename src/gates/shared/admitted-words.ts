import type { Admitted } from '../../config/model/file-door.ts';
import type { Everyone } from '../../config/model/gate.ts';

/** `everyone` or `caller` with the one phrase that stands for it. */
export function phrase(sort: 'everyone' | 'caller', text: string): Admitted {
  return { sort, names: [text] };
}

/** The people of a gate that asks for a login: those in the groups, the users, and everyone if the file says so. */
export function loggedIn(
  groups: readonly string[],
  everyone: Everyone | undefined,
  users: readonly string[] = [],
): readonly Admitted[] {
  return [
    { sort: 'group', names: groups },
    { sort: 'user', names: users },
    ...(everyone === undefined ? [] : [phrase('everyone', 'everyone who can log in')]),
  ];
}
