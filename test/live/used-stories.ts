import { expect } from 'vitest';
import { group } from '../../reconcilers/authentik/group.ts';
import { scopeMapping } from '../../reconcilers/authentik/scope-mapping.ts';
import { authentikKinds } from '../reconcilers/authentik/grafana.ts';
import { failures, pending } from '../world.ts';
import * as gate from './gate.ts';
import { listed, theirApplication, theirProxy } from './hands.ts';
import { all } from './live-kind.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';

/** With the group its binding would go, and the other application would let everybody in. */
async function keepsUsedGroup(stage: Stage): Promise<void> {
  const { person, names } = stage;
  await stage.make([gate.groupNamed(names, 'admins')]);
  const { pk: target } = await theirApplication(stage);
  const { pk } = await listed(person, '/core/groups/', names.own('admins'));
  await person.post('/policies/bindings/', { target, group: pk, order: 0 });
  const before = stage.written.length;
  const changes = pending(await stage.plan([]));
  expect(changes.map(({ verb, address }) => [verb, address.key])).toEqual([['refuse', names.own('admins')]]);
  expect(failures(await stage.apply([]))).toHaveLength(1);
  expect(stage.written.slice(before)).toEqual([]);
  expect((await stage.read(group)).map(({ address }) => address.key)).toContain(names.own('admins'));
}

/** Where no pass reads what uses it, the server is asked before it goes. */
async function keepsUsedMapping(stage: Stage): Promise<void> {
  const { person, names } = stage;
  await stage.make([gate.mapping]);
  const { pk: mapping } = await listed(
    person,
    '/propertymappings/provider/scope/',
    `gates:${names.owner}/extra`,
  );
  const { pk } = await theirProxy(stage);
  const body = { mode: 'forward_single', property_mappings: [mapping] };
  await person.patch(`/providers/proxy/${pk}/`, body);
  expect(failures(await stage.apply([]))).toEqual([expect.stringContaining('still used')]);
  expect(await stage.due([gate.mapping])).toEqual([]);
}

/** What somebody else uses is not taken away from under it. */
export const usedStories: readonly Story[] = [
  {
    about: 'authentik/group',
    name: 'that another application uses stays',
    reconcilers: authentikKinds,
    act: keepsUsedGroup,
  },
  {
    about: 'authentik/scope-mapping',
    name: 'that something unread uses stays',
    reconcilers: all(scopeMapping),
    act: keepsUsedMapping,
  },
];
