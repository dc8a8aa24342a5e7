import { describe, expect, it } from 'vitest';
import { group } from '../../../reconcilers/authentik/group.ts';
import { failures, pending, testWorld } from '../../world.ts';
import { contract } from '../contract.ts';
import { gateFor, groupNamed, authentikKinds as kinds, listed } from './grafana.ts';

const admins = groupNamed('admins');
const reconcilers = [group];

contract({
  reconciler: group,
  reconcilers,
  collection: '/core/groups/',
  desired: () => [admins],
  // A group is its name: renamed, it is another one.
  drifts: [],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) await test.editAuthentik('POST', '/core/groups/', { name: `g${n}` });
    return '/core/groups/?page_size=100';
  },
  remove: ({ id }, test) => test.editAuthentik('DELETE', `/core/groups/${id}/`),
});

describe('an Authentik group', () => {
  it('that stands already is used as it is, and taken over only when asked to; its members stay', async () => {
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
      attributes: { color: 'red', 'gates/owner': 'home' },
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

  it('that something unseen uses is not removed either', async () => {
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

  it('that is gone comes back, and its binding with it', async () => {
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
