import { RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Widening } from '../../../src/core/objects/widening.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { isTurnName } from '../../shared/turn-name.ts';
import { authentikOf, listAuthentik } from '../reading/api.ts';
import { confirmEffect } from '../reading/effect.ts';
import { removeUnused, type UsedBy } from '../reading/used-by.ts';

/**
 * A group, keyed by its name in the file. Only its name is ever set: gates never touches its members, and never removes
 * a group that has members.
 */
export interface GroupSpec {
  readonly name: string;
  /** Observed: the mark has no name yet (groups of earlier releases), so gates cannot recognize a renamed group. */
  readonly mark?: 'without name';
  /** Observed: ids of its parent groups, whose members include its own. Absent: none. */
  readonly parents?: readonly string[];
  /** Observed: ids of the parents that gates gave it. Absent: none. */
  readonly given?: readonly string[];
  /** Observed: the rights in Authentik that its members have, in words. Absent: none. */
  readonly rights?: string;
}

export interface GroupReply {
  readonly pk: string;
  readonly name: string;
  readonly is_superuser?: boolean;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Ids of its members, also in a list without `include_users`. */
  readonly users?: readonly number[];
  /** Ids of its roles. */
  readonly roles?: readonly string[];
  /** Until 2025.10. */
  readonly parent?: string | null;
  readonly parents?: readonly string[];
}

const kind = 'authentik/group';
export const groupsPath = '/core/groups/';

/** Attributes of the mark. The slash avoids collisions: attributes of a group become attributes of its members. */
const marker = 'gates/owner';
const nameMarker = 'gates/name';
/** The ids of the parents that gates gave the group. */
export const parentMarker = 'gates/parents';

/** Members and roles do not stop a removal: gates removes only groups without members. */
const harmless: ReadonlySet<string> = new Set(['user', 'role']);

export const group: Reconciler<GroupSpec> = {
  kind,
  title: 'Authentik group',
  traits: { shareable: true },

  async observe(world) {
    const replies = (await groupsIn(world)) as readonly GroupReply[];
    const us = world.scope.owner;
    const ours = new Set(replies.flatMap((reply) => (ownerOfGroup(reply) === us ? [reply.name] : [])));
    return replies.map((reply) => observed(reply, us, ours));
  },

  drift: (want, have) => [
    ...(want.name !== undefined && want.name !== have.name ? ['name'] : []),
    ...(have.mark === undefined ? [] : ['mark']),
  ],

  async write(changes, world) {
    const wire = authentikOf(world);
    let lists: ReturnType<typeof listsIn> | undefined;
    const listed = () => {
      lists ??= listsIn(world);
      return lists;
    };
    const { sideBySide } = world;
    return carryOutBy({ sideBySide }, changes, async ({ want, have, drift }) => {
      if (want === undefined) {
        if (have !== undefined) await removeGroup(have, listed, world);
        return undefined;
      }
      const mark = { [marker]: world.scope.owner, [nameMarker]: want.name };
      if (have === undefined) {
        const reply = await wire.post(groupsPath, { name: want.name, attributes: mark });
        return { id: (reply as GroupReply).pk };
      }
      const path = `${groupsPath}${have.id}/`;
      const live = (await wire.get(path)) as GroupReply | undefined;
      // A PATCH, because a PUT that does not repeat the members removes them all.
      const reply = (await wire.patch(path, {
        ...(have.spec.name !== want.name && { name: want.name }),
        attributes: { ...live?.attributes, ...mark },
      })) as GroupReply;
      const { spec } = observed(reply, world.scope.owner, new Set());
      confirmEffect(drift, group.drift?.(want, spec) ?? []);
      return have.attributes;
    });
  },
};

export async function groupsIn(world: World): Promise<readonly unknown[]> {
  const replies = await listAuthentik(world, groupsPath, { include_users: false });
  return replies.filter((reply) => !isTurnName((reply as GroupReply).name));
}

export function ownerOfGroup({ attributes }: GroupReply): string | undefined {
  const owner = attributes?.[marker];
  return typeof owner === 'string' ? owner : undefined;
}

/** `ours`: names of our groups. A renamed group keeps its key, unless another group of ours has that name. */
function observed(reply: GroupReply, us: string, ours: ReadonlySet<string>): Observed<GroupSpec> {
  const { pk, name, attributes } = reply;
  const owner = ownerOfGroup(reply);
  const above = parentsOf(reply);
  const given = parentsGiven(reply);
  const rights = rightsOf(reply);
  const recorded = owner === us ? attributes?.[nameMarker] : undefined;
  const key = typeof recorded === 'string' && !ours.has(recorded) ? recorded : name;
  return {
    address: { kind, key },
    id: pk,
    owner,
    spec: {
      name,
      ...(owner === us && recorded === undefined && { mark: 'without name' as const }),
      ...(above.length > 0 && { parents: above }),
      ...(given.length > 0 && { given }),
      ...(rights !== undefined && { rights }),
    },
    attributes: { id: pk },
    uses: [],
    ...(reply.is_superuser === true && { widenings: [superuser] }),
    ...(reply.users?.length !== 0 && { staysBecause: membersOf(reply) }),
  };
}

/** Ids of the groups in which it lies. */
export function parentsOf({ parents = [], parent }: GroupReply): readonly string[] {
  return typeof parent === 'string' ? [...new Set([...parents, parent])] : parents;
}

export function parentsGiven({ attributes }: GroupReply): readonly string[] {
  const given = attributes?.[parentMarker];
  return Array.isArray(given) ? given.filter((id) => typeof id === 'string') : [];
}

/** The rights in Authentik that members of the group have, also those of groups that lie in it. */
export function rightsOf({ is_superuser: isSuperuser, roles = [] }: GroupReply): string | undefined {
  if (isSuperuser === true) return 'makes its members superusers';
  return roles.length === 0 ? undefined : 'has roles';
}

const superuser: Widening = {
  field: 'is_superuser',
  effect: 'its members may see and change everything in Authentik',
};

function membersOf({ name, users }: GroupReply): string {
  const count =
    users === undefined ? 'may have members' : `has ${users.length} member${users.length === 1 ? '' : 's'}`;
  return `Authentik's group "${name}" ${count}, who would lose it: remove them from the group, or delete it in Authentik`;
}

interface Lists {
  readonly bindings: readonly { readonly pk: string; readonly group: string | null }[];
  readonly groups: readonly GroupReply[];
}

async function listsIn(world: World): Promise<Lists> {
  const [bindings, all] = await Promise.all([listAuthentik(world, '/policies/bindings/'), groupsIn(world)]);
  return { bindings: bindings as Lists['bindings'], groups: all as Lists['groups'] };
}

async function removeGroup(
  { id }: Observed<GroupSpec>,
  listed: () => Promise<Lists>,
  world: World,
): Promise<void> {
  const path = `${groupsPath}${id}/`;
  const live = (await authentikOf(world).get(path)) as GroupReply | undefined;
  if (live === undefined) return;
  if (live.users?.length !== 0) {
    throw new UnsafeError('The group has members, who would lose it', { hint: membersOf(live) });
  }
  if (ownerOfGroup(live) !== world.scope.owner) {
    throw new RejectedError('The group is no longer marked as ours', { hint: 'It stays as it is' });
  }
  // Other users of a group, such as sources, notifications and stages, lose nothing that keeps people out.
  await removeUnused(world, path, {
    listed: async () => usersIn(await listed(), id),
    harmless,
    suffices: true,
  });
}

/** Bindings of any target, and subgroups, whose members would no longer belong to it. */
function usersIn({ bindings, groups: all }: Lists, id: string): readonly UsedBy[] {
  return [
    ...bindings
      .filter((binding) => binding.group === id)
      .map(({ pk }) => ({ model_name: 'policybinding', name: pk })),
    ...all
      .filter(({ parent, parents }) => parent === id || parents?.includes(id) === true)
      .map(({ name }) => ({ model_name: 'group', name })),
  ];
}
