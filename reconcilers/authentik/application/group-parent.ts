import { RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { sameSet } from '../../shared/set.ts';
import { authentikOf } from '../reading/api.ts';
import { atHosts } from '../reading/door-effects.ts';
import { confirmEffect } from '../reading/effect.ts';
import {
  type GroupReply,
  type GroupSpec,
  group,
  groupsIn,
  groupsPath,
  ownerOfGroup,
  parentMarker,
  parentsGiven,
  parentsOf,
  rightsOf,
} from './group.ts';
import { parentFault } from './parent-fault.ts';

/**
 * That a group lies in another one, whose members all its members are. Keyed by `groupParentKey`. It is a field of the
 * group, whose mark says which parents gates gave it: gates takes back no other one.
 */
export interface GroupParentSpec {
  /** Id of the group. */
  readonly group: string;
  /** Id of the group in which it lies. */
  readonly parent: string;
  /** The names of both; never sent. */
  readonly names: { readonly group: string; readonly parent: string };
  /** The hosts at which either may be bound: all of the zones; never sent. */
  readonly hosts: readonly string[];
}

const kind = 'authentik/group-parent';

/** `admins < staff`. A name may have any characters, so a `<` in it is escaped. */
export function groupParentKey(name: string, parent: string): string {
  return [name, parent].map((each) => each.replace(/[\\<]/g, '\\$&')).join(' < ');
}

/** The id of the object, of those of the two groups. */
export function edgeId(id: string, parent: string): string {
  return `${id} in ${parent}`;
}

export const groupParent: Reconciler<GroupParentSpec> = {
  kind,
  title: 'Authentik group parent',
  traits: { shareable: true },

  login: {
    // At every host, and at clients without a host, a group may be bound.
    enlarges: [
      ...(['authentik/binding', 'authentik/provider-link', 'authentik/outpost-entry'] as const),
      ...(['cloudflare/access-policy', 'cloudflare/access-application'] as const),
      ...(['cloudflare/ingress-rule', 'cloudflare/dns-record'] as const),
    ],

    enlargement: ({ group: inner, parent }) => ({ of: String(parent), by: String(inner) }),
  },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const groups = await world.read(group);
    const byId = new Map(groups.map((each) => [each.id, each]));
    return groups.flatMap((child) =>
      (child.spec.parents ?? []).flatMap((id) => {
        const parent = byId.get(id);
        return parent === undefined ? [] : [observed(child, parent, world.scope)];
      }),
    );
  },

  // The key says everything.
  drift: () => [],

  doors(want, have) {
    if (want === undefined) return atHosts(have?.spec.hosts ?? [], 'guard');
    return have === undefined ? atHosts(want.hosts, 'unguard') : [];
  },

  async write(changes, world) {
    world.forget(group, groupParent);
    return carryOut(changes, async ({ want, have }) => {
      if (want !== undefined) return give(want, world);
      if (have !== undefined) await takeBack(have.spec, world);
      return undefined;
    });
  },
};

function observed(
  child: Observed<GroupSpec>,
  parent: Observed<GroupSpec>,
  { zones }: World['scope'],
): Observed<GroupParentSpec> {
  const id = edgeId(child.id, parent.id);
  const isGiven = child.spec.given?.includes(parent.id) === true;
  // A parent that a person gave a group of ours is not ours.
  return {
    address: { kind, key: groupParentKey(child.address.key, parent.address.key) },
    id,
    owner: isGiven ? child.owner : undefined,
    spec: {
      group: child.id,
      parent: parent.id,
      names: { group: child.spec.name, parent: parent.spec.name },
      hosts: hostsInZones(zones),
    },
    attributes: { id },
    // A parent that a person gave goes along with either group.
    uses: isGiven ? [child.id, parent.id] : [],
  };
}

/** All hosts of the zones, as door effects name them. */
export function hostsInZones(zones: readonly string[]): readonly string[] {
  return zones.map((zone) => `*.${zone}`);
}

/** Adds the parent to those that the group has. All groups are read again: their rights may have changed meanwhile. */
async function give({ group: id, parent }: GroupParentSpec, world: World): Promise<{ readonly id: string }> {
  const replies = (await groupsIn(world)) as readonly GroupReply[];
  const live = replies.find(({ pk }) => pk === id);
  const above = replies.find(({ pk }) => pk === parent);
  if (live === undefined || above === undefined)
    throw new RejectedError('One of the two groups is gone', { hint: 'The next run makes it again' });
  const fault = parentFault(id, parent, replies.map(asStanding), world.scope.owner);
  if (fault !== undefined) throw new UnsafeError('The group must not get this parent', { hint: fault });
  const parents = [...new Set([...parentsOf(live), parent])];
  if (live.parents === undefined && parents.length > 1)
    throw new UnsafeError('The group has another parent', {
      hint: 'Authentik before 2025.12 knows one parent for each group: remove the other one, or upgrade',
    });
  const given = [...new Set([...parentsGiven(live), parent])];
  await writeParents(live, { parents, given }, world);
  return { id: edgeId(id, parent) };
}

/** Removes a parent that gates gave, and leaves all others. */
async function takeBack({ group: id, parent }: GroupParentSpec, world: World): Promise<void> {
  const live = (await authentikOf(world).get(`${groupsPath}${id}/`)) as GroupReply | undefined;
  if (live === undefined) return;
  if (ownerOfGroup(live) !== world.scope.owner)
    throw new RejectedError('The group is no longer marked as ours', { hint: 'gates leaves its parents' });
  const without = (ids: readonly string[]) => ids.filter((each) => each !== parent);
  await writeParents(live, { parents: without(parentsOf(live)), given: without(parentsGiven(live)) }, world);
}

/** Writes the parents and the mark together. A server shows `parents` from 2025.12 on, and `parent` before. */
async function writeParents(
  live: GroupReply,
  { parents, given }: { readonly parents: readonly string[]; readonly given: readonly string[] },
  world: World,
): Promise<void> {
  const { [parentMarker]: _, ...attributes } = live.attributes ?? {};
  // A parent that somebody took away, and may give again, is no longer one that gates gave.
  const standing = given.filter((id) => parents.includes(id));
  const reply = (await authentikOf(world).patch(`${groupsPath}${live.pk}/`, {
    ...(live.parents === undefined ? { parent: parents[0] ?? null } : { parents }),
    attributes: { ...attributes, ...(standing.length > 0 && { [parentMarker]: standing }) },
  })) as GroupReply;
  confirmEffect(['parent'], sameSet(parentsOf(reply), parents) ? [] : ['parent']);
}

function asStanding(reply: GroupReply) {
  const rights = rightsOf(reply);
  return {
    id: reply.pk,
    name: reply.name,
    owner: ownerOfGroup(reply),
    parents: parentsOf(reply),
    ...(rights !== undefined && { rights }),
  };
}
