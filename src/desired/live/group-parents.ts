import type { GroupSpec } from '../../../reconcilers/authentik/application/group.ts';
import { edgeId, type GroupParentSpec } from '../../../reconcilers/authentik/application/group-parent.ts';
import { parentFault } from '../../../reconcilers/authentik/application/parent-fault.ts';
import { addressId } from '../../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/objects/object.ts';

/** Refuses each parent that gates must not give, unless a person has given it already. */
export function withSafeParents(
  objects: readonly DesiredObject[],
  observations: readonly Observation[],
  owner: string,
): readonly DesiredObject[] {
  const groups = known<GroupSpec>(observations, 'authentik/group');
  const edges = known<GroupParentSpec>(observations, 'authentik/group-parent');
  const standing = new Set(edges.map(({ address }) => addressId(address)));
  const wanted = new Set(objects.map(({ address }) => addressId(address)));
  // The run takes these back before it gives another.
  const leaving = new Set(
    edges.flatMap(({ id, owner: whose, address }) =>
      whose === owner && !wanted.has(addressId(address)) ? [id] : [],
    ),
  );
  const rows = groups.map(({ id, owner: whose, spec }) => ({
    id,
    name: spec.name,
    owner: whose,
    parents: (spec.parents ?? []).filter((parent) => !leaving.has(edgeId(id, parent))),
    ...(spec.rights !== undefined && { rights: spec.rights }),
  }));
  return objects.map((object) => {
    if (object.address.kind !== 'authentik/group-parent' || standing.has(addressId(object.address)))
      return object;
    const { names } = object.spec as Pick<GroupParentSpec, 'names'>;
    const idOf = (name: string) => groups.find(({ address }) => address.key === name)?.id ?? '';
    const fault = parentFault(idOf(names.group), idOf(names.parent), rows, owner);
    return fault === undefined ? object : { ...object, mustExist: fault };
  });
}

function known<Spec>(
  observations: readonly Observation[],
  kind: Observation['kind'],
): readonly Observed<Spec>[] {
  return observations.flatMap((each) =>
    each.kind === kind && each.state === 'known' ? (each.objects as readonly Observed<Spec>[]) : [],
  );
}
