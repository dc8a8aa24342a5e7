import { describe, expect, it } from 'vitest';
import { group } from '../../../../reconcilers/authentik/application/group.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { gateFor, groupNamed, authentikKinds as kinds, listed } from '../grafana.ts';

const admins = groupNamed('admins');
const reconcilers = [group];

contract({
  reconciler: group,
  reconcilers,
  collection: '/core/groups/',
  desired: () => [admins],
  drifts: [
    {
      field: 'name',
      edit: ({ id }, test) => test.editAuthentik('PATCH', `/core/groups/${id}/`, { name: 'crew' }),
    },
    {
      field: 'mark',
      // Earlier releases marked it so.
      edit: ({ id }, test) =>
        test.editAuthentik('PATCH', `/core/groups/${id}/`, { attributes: { 'gates/owner': 'home' } }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) await test.editAuthentik('POST', '/core/groups/', { name: `g${n}` });
    return '/core/groups/?page_size=100';
  },
  remove: ({ id }, test) => test.editAuthentik('DELETE', `/core/groups/${id}/`),
});

describe('an Authentik group', () => {
  it('that exists already is used unchanged, and adopted only on request; its members stay', async () => {
    const test = await testWorld({ reconcilers });
    const [person] = await listed(test, '/core/users/?page_size=1');
    const made = (await test.editAuthentik('POST', '/core/groups/', {
      name: 'admins',
      users: [person?.pk],
      attributes: { color: 'red' },
    })) as { pk: string };
    expect(pending(await test.plan([admins]))).toEqual([]);
    expect(failures(await test.apply([admins], { adopt: true }))).toEqual([]);
    expect(await test.editAuthentik('GET', `/core/groups/${made.pk}/`)).toMatchObject({
      users: [person?.pk],
      attributes: { color: 'red', 'gates/owner': 'home', 'gates/name': 'admins' },
    });
  });

  it('that a foreign application uses is not removed, and the plan says which', async () => {
    const test = await testWorld({ reconcilers: kinds });
    await test.apply([admins]);
    const [made] = await listed(test, '/core/groups/?name=admins');
    const wiki = (await test.editAuthentik('POST', '/core/applications/', {
      name: 'wiki',
      slug: 'wiki',
    })) as {
      pk: string;
    };
    await test.editAuthentik('POST', '/policies/bindings/', { target: wiki.pk, group: made?.pk, order: 0 });
    const [change] = pending(await test.plan([]));
    expect(change).toMatchObject({ verb: 'refuse', address: { key: 'admins' } });
    expect(change?.reason).toContain('authentik/binding:wiki/admins');
  });

  it('that something invisible uses is not removed either', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([admins]);
    const [made] = await listed(test, '/core/groups/?name=admins');
    const [flow] = await listed(test, '/flows/instances/?slug=initial-setup');
    const target = flow?.policybindingmodel_ptr_id;
    await test.editAuthentik('POST', '/policies/bindings/', { target, group: made?.pk, order: 0 });
    expect(failures(await test.apply([]))).toEqual([
      expect.stringMatching(/still used by what gates does not manage.*policybinding/),
    ]);
    expect(await listed(test, '/core/groups/?name=admins')).toHaveLength(1);
  });

  it('that was removed comes back, and its binding with it', async () => {
    const test = await testWorld({ reconcilers: kinds });
    await test.apply(gateFor('admins'));
    const [made] = await listed(test, '/core/groups/?name=admins');
    await test.editAuthentik('DELETE', `/core/groups/${made?.pk}/`);
    expect(pending(await test.plan(gateFor('admins'))).map(({ id }) => id)).toEqual([
      'create authentik/group:admins',
      'create authentik/binding:grafana/admins',
    ]);
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect(pending(await test.plan(gateFor('admins')))).toEqual([]);
  });
});

const usedByFails = {
  fault: 'status',
  status: 500,
  match: { system: 'authentik', method: 'GET', path: '/core/groups/*/used_by/' },
} as const;

describe('a group whose users Authentik cannot name', () => {
  it('is removed if no list names one', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([admins]);
    await test.fault(usedByFails);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await listed(test, '/core/groups/?name=admins')).toEqual([]);
  });

  it('stays if any binding or a group below it uses it', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([admins, groupNamed('family')]);
    const [first] = await listed(test, '/core/groups/?name=admins');
    const [second] = await listed(test, '/core/groups/?name=family');
    const [flow] = await listed(test, '/flows/instances/?slug=initial-setup');
    const target = flow?.policybindingmodel_ptr_id;
    await test.editAuthentik('POST', '/policies/bindings/', { target, group: first?.pk, order: 0 });
    await test.editAuthentik('POST', '/core/groups/', { name: 'children', parents: [second?.pk] });
    await test.fault(usedByFails);
    const wrong = failures(await test.apply([]));
    expect(wrong).toEqual([
      expect.stringMatching(/still used.*policybinding/),
      expect.stringMatching(/still used.*group "children"/),
    ]);
  });
});

describe('a group with members', () => {
  const withMember = async (name = 'admins') => {
    const test = await testWorld({ reconcilers });
    await test.apply([groupNamed(name)]);
    const [person] = await listed(test, '/core/users/?page_size=1');
    const [made] = await listed(test, `/core/groups/?name=${name}`);
    const path = `/core/groups/${made?.pk}/`;
    await test.editAuthentik('PATCH', path, { users: [person?.pk] });
    return { test, person: person?.pk, path };
  };

  it('stays when it leaves the file, and the plan says how many it has', async () => {
    const { test, path, person } = await withMember();
    const plan = await test.plan([]);
    expect(pending(plan)).toEqual([]);
    expect(plan.warnings).toEqual([
      expect.stringMatching(/^authentik\/group:admins stays: .*"admins" has 1 member,/),
    ]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await test.editAuthentik('GET', path)).toMatchObject({ users: [person] });
    await test.editAuthentik('PATCH', path, { users: [] });
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await listed(test, '/core/groups/?name=admins')).toEqual([]);
  });

  it('stays even if somebody joins it between the plan and the write', async () => {
    const { test, path, person } = await withMember();
    await test.editAuthentik('PATCH', path, { users: [] });
    const plan = await test.plan([]);
    await test.editAuthentik('PATCH', path, { users: [person] });
    expect(failures(await test.carryOut(plan))).toEqual([expect.stringContaining('has members')]);
    expect(await test.editAuthentik('GET', path)).toMatchObject({ users: [person] });
  });

  it('that a person renamed has its name and its members after the next run', async () => {
    const { test, path, person } = await withMember();
    await test.editAuthentik('PATCH', path, { name: 'crew' });
    expect(pending(await test.plan([admins])).map(({ id }) => id)).toEqual([
      expect.stringMatching(/^update authentik\/group:admins /),
    ]);
    expect(failures(await test.apply([admins]))).toEqual([]);
    expect(await test.editAuthentik('GET', path)).toMatchObject({ name: 'admins', users: [person] });
    expect(pending(await test.plan([admins]))).toEqual([]);
  });

  it('that a person renamed and replaced by another of its name is left for that person to sort out', async () => {
    const { test, path, person } = await withMember();
    await test.editAuthentik('PATCH', path, { name: 'crew' });
    await test.editAuthentik('POST', '/core/groups/', { name: 'admins' });
    const [change] = pending(await test.plan([admins]));
    expect(change).toMatchObject({ verb: 'refuse', reason: expect.stringContaining('several live objects') });
    await test.apply([admins]);
    expect(await test.editAuthentik('GET', path)).toMatchObject({ name: 'crew', users: [person] });
  });
});
