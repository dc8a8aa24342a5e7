import { groupNameKey } from '../state/places.ts';
import type { View } from '../state/view.ts';

/**
 * A group and all groups that lie in it, whose members are its members too (`User.all_groups` of Authentik), by id or by
 * name. Each is its own credential, because a run changes which group lies in which, and never who is in one.
 */
export function groupsWithin(view: View, group: string, by: 'id' | 'name'): readonly string[] {
  const found = new Set([group]);
  for (const each of found) {
    const key = by === 'id' ? each : groupNameKey(each);
    for (const { group: id, names } of view.parts('group-parent', key))
      found.add(by === 'id' ? id : names.group);
  }
  return [...found];
}
