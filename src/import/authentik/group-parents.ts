import type { GroupSpec } from '../../../reconcilers/authentik/application/group.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { LiveObjects } from '../terms/live-objects.ts';

/**
 * The groups that gates, domains and clients name, and those that lie in one of them, each with its parent. A file can
 * say one parent: gates leaves those of a group with several, of another owner, and those with rights in Authentik.
 */
export function importedGroups(names: readonly string[], live: LiveObjects): Record<string, file.Group> {
  const parents = live.once(sayableParents);
  const all = new Set(names);
  for (const name of all) for (const [child, parent] of parents) if (parent === name) all.add(child);
  return Object.fromEntries(
    [...all].sort().map((name) => {
      const parent = parents.get(name);
      return [name, parent !== undefined && all.has(parent) ? { parent } : {}];
    }),
  );
}

function sayableParents(live: LiveObjects): ReadonlyMap<string, string> {
  const groups = live.of('authentik/group');
  const byId = new Map(groups.map((group) => [group.id, group]));
  return new Map(
    groups.flatMap((group) => {
      const [parent, ...others] = aboveOf(group, byId);
      const isSayable = parent !== undefined && others.length === 0 && parent.spec.rights === undefined;
      return isSayable && live.otherOwnerOf(group) === undefined
        ? [[group.address.key, parent.address.key] as const]
        : [];
    }),
  );
}

function aboveOf(
  { spec }: Observed<GroupSpec>,
  byId: ReadonlyMap<string, Observed<GroupSpec>>,
): readonly Observed<GroupSpec>[] {
  return (spec.parents ?? []).flatMap((id) => byId.get(id) ?? []);
}
