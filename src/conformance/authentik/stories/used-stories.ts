import { group } from '../../../../reconcilers/authentik/application/group.ts';
import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { authentikKinds } from '../all-kinds.ts';
import { claim, each, same } from '../claims.ts';
import * as gate from '../gate.ts';
import { listedRow, theirApplication, theirProxy } from '../hands.ts';
import { failures } from '../outcomes.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { all } from '../written-kind.ts';

/** Removing the group would remove its binding, and the other application would admit everybody. */
async function keepsUsedGroup(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const name = names.own('admins');
  await stage.make([gate.groupNamed(names, 'admins')]);
  const { pk: target } = await theirApplication(stage);
  const { pk } = await listedRow(person, '/core/groups/', name);
  await person.post('/policies/bindings/', { target, group: pk, order: 0 });
  const before = stage.written.length;
  same('what a run would do', await stage.due([]), [`refuse authentik/group:${name}`]);
  same('how many removals failed', failures(await stage.apply([])).length, 1);
  same('what the run wrote', stage.written.slice(before), []);
  const groupKeys = (await stage.read(group)).map(({ address }) => address.key);
  claim(groupKeys.includes(name), 'the group is gone');
}

/** If no run reads the users of an object, gates asks the server before it removes the object. */
export async function keepsUsedMapping(stage: Stage, superuser: Stage = stage): Promise<void> {
  const { names } = stage;
  const { person } = superuser;
  await stage.make([gate.mapping]);
  const { pk: mapping } = await listedRow(
    person,
    '/propertymappings/provider/scope/',
    `gates:${names.owner}/extra`,
  );
  const { pk } = await theirProxy(superuser);
  const body = { mode: 'forward_single', property_mappings: [mapping] };
  await person.patch(`/providers/proxy/${pk}/`, body);
  each('what a removal ended with', failures(await stage.apply([])), ['still used']);
  same('what a run would do', await stage.due([gate.mapping]), []);
}

/** Removing a group removes it from its members for good, so gates never removes one that has members. */
async function keepsMembers(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const wants = [gate.groupNamed(names, 'admins')];
  await stage.make(wants);
  const { pk } = await listedRow(person, '/core/groups/', names.own('admins'));
  const path = `/core/groups/${pk}/`;
  const { user } = await person.get('/core/users/me/');
  await person.patch(path, { name: names.own('renamed'), users: [(user as { readonly pk: number }).pk] });
  await stage.make(wants);
  const { name, users } = await person.get(path);
  same(
    'the group after a person renamed it',
    [name, users],
    [names.own('admins'), [(user as { readonly pk: number }).pk]],
  );
  await stage.make([]);
  same('the members after the file left it out', (await person.get(path)).users, users);
  await person.patch(path, { users: [] });
  same('what a run would do once it is empty', await stage.due([]), [
    `prune authentik/group:${names.own('admins')}`,
  ]);
  await stage.make([]);
}

/** Stories in which a person uses an object of ours, which gates then does not remove. */
export const usedStories: readonly Story[] = [
  {
    id: 'authentik/group-in-use',
    says: 'A group that another application uses is known to be used, and stays',
    where: 'reconcilers/authentik/application/group.ts',
    reconcilers: authentikKinds,
    act: keepsUsedGroup,
  },
  {
    id: 'authentik/group-renamed-with-members',
    says: 'A group keeps its id, its mark and its members when a person renames it',
    where: 'reconcilers/authentik/application/group.ts',
    reconcilers: all(group),
    act: keepsMembers,
  },
  {
    id: 'authentik/scope-mapping-in-use',
    says: 'A scope that a foreign provider uses is known to be used, and stays',
    where: 'reconcilers/authentik/reading/used-by.ts',
    reconcilers: all(scopeMapping),
    act: (stage) => keepsUsedMapping(stage),
  },
];
