import type { Admitted, VisitorTerm } from '../../config/model/file-door.ts';
import type { Everyone } from '../../config/model/gate.ts';

/** `everyone` or `caller` with the one phrase that stands for it. */
export function phrase(sort: 'everyone' | 'caller', text: string): Admitted {
  return { sort, names: [text] };
}

/**
 * The people of a gate that asks for a login: those in the groups, the users, and everyone if the file says so. `only`:
 * what they all have to meet.
 */
export function loggedIn(
  groups: readonly string[],
  everyone: Everyone | undefined,
  users: readonly string[] = [],
  only: readonly VisitorTerm[] = [],
): readonly Admitted[] {
  const admits: readonly Admitted[] = [
    { sort: 'group', names: groups },
    { sort: 'user', names: users },
    ...(everyone === undefined ? [] : [phrase('everyone', 'everyone who can log in')]),
  ];
  return only.length === 0 ? admits : admits.map((admitted) => ({ ...admitted, only }));
}
