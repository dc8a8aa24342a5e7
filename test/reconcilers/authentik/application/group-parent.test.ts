import { describe, expect, it } from 'vitest';
import { group } from '../../../../reconcilers/authentik/application/group.ts';
import {
  groupParent,
  groupParentKey,
  hostsInZones,
} from '../../../../reconcilers/authentik/application/group-parent.ts';
import { addressId } from '../../../../src/core/objects/address.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { AUTHENTIK_VERSIONS } from '../../../../src/lab/sandbox/index.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { gateFor, groupNamed, authentikKinds as kinds, listed } from '../grafana.ts';

const reconcilers = [group, groupParent];
const names = ['admins', 'staff', 'all'] as const;
const groups = names.map((name) => groupNamed(name));

function within(name: string, parent: string): DesiredObject {
  const spec = {
    group: ref(`authentik/group:${name}`),
    parent: ref(`authentik/group:${parent}`),
    names: { group: name, parent },
    hosts: hostsInZones(['example.dev']),
  };
  const address = { kind: 'authentik/group-parent', key: groupParentKey(name, parent) } as const;
  return { address, spec, because: `groups.${name}` };
}

const inStaff = [...groups, within('admins', 'staff')];

async function row(test: TestWorld, name: string) {
  const [found] = await listed(test, `/core/groups/?name=${encodeURIComponent(name)}`);
  return found as typeof found & Record<string, unknown>;
}

/** The names of the groups in which a group lies, in any release. */
async function parentsOf(test: TestWorld, name: string): Promise<readonly string[]> {
  const { parents, parent } = await row(test, name);
  const ids = [parents ?? [], parent ?? []].flat();
  const all = await listed(test, '/core/groups/');
  return all.filter(({ pk }) => ids.includes(pk)).map((each) => String(each.name));
}

async function byHand(test: TestWorld, name: string, body: (ids: Record<string, unknown>) => object) {
  const ids = Object.fromEntries(
    await Promise.all(names.map(async (each) => [each, (await row(test, each))?.pk])),
  );
  await test.editAuthentik('PATCH', `/core/groups/${ids[name]}/`, body(ids));
}

describe('the parent of an Authentik group', () => {
  it.each(AUTHENTIK_VERSIONS)(
    'is given, left alone, exchanged and taken back on %s',
    async (authentikVersion) => {
      const test = await testWorld({ reconcilers, authentikVersion });
      expect(failures(await test.apply(inStaff))).toEqual([]);
      expect(await parentsOf(test, 'admins')).toEqual(['staff']);
      expect(pending(await test.plan(inStaff))).toEqual([]);
      const exchanged = [...groups, within('admins', 'all')];
      expect(pending(await test.plan(exchanged)).map(({ verb }) => verb)).toEqual(['prune', 'create']);
      expect(failures(await test.apply(exchanged))).toEqual([]);
      expect(await parentsOf(test, 'admins')).toEqual(['all']);
      expect(failures(await test.apply(groups))).toEqual([]);
      expect(await parentsOf(test, 'admins')).toEqual([]);
      expect(Object.keys((await row(test, 'admins')).attributes as object)).toEqual([
        'gates/owner',
        'gates/name',
      ]);
      expect(pending(await test.plan(groups))).toEqual([]);
    },
  );

  it('keeps members and other attributes', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(groups);
    const [person] = await listed(test, '/core/users/?page_size=1');
    const { attributes } = await row(test, 'admins');
    await byHand(test, 'admins', () => ({
      users: [person?.pk],
      attributes: { ...(attributes as object), color: 'red' },
    }));
    await test.apply(inStaff);
    await test.apply(groups);
    expect(await row(test, 'admins')).toMatchObject({ users: [person?.pk], attributes: { color: 'red' } });
  });

  it('that a person gave stays when the file has another one, or none', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(groups);
    await byHand(test, 'admins', ({ all }) => ({ parents: [all] }));
    expect(pending(await test.plan(groups))).toEqual([]);
    expect(failures(await test.apply(inStaff))).toEqual([]);
    expect((await parentsOf(test, 'admins')).toSorted()).toEqual(['all', 'staff']);
    expect(failures(await test.apply(groups))).toEqual([]);
    expect(await parentsOf(test, 'admins')).toEqual(['all']);
  });

  it('comes back after somebody took it away', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(inStaff);
    await byHand(test, 'admins', () => ({ parents: [] }));
    expect(pending(await test.plan(inStaff)).map(({ id }) => id)).toEqual([
      'create authentik/group-parent:admins < staff',
    ]);
    expect(failures(await test.apply(inStaff))).toEqual([]);
    expect(await parentsOf(test, 'admins')).toEqual(['staff']);
  });

  it('is the only one before 2025.12: another one by hand stays', async () => {
    const test = await testWorld({ reconcilers, authentikVersion: '2025.8' });
    await test.apply(groups);
    await byHand(test, 'admins', ({ all }) => ({ parent: all }));
    expect(failures(await test.apply(inStaff))).toEqual([
      expect.stringContaining('Authentik before 2025.12 knows one parent for each group'),
    ]);
    expect(await parentsOf(test, 'admins')).toEqual(['all']);
  });

  it.each([
    { because: 'makes its members superusers', change: () => ({ is_superuser: true }) },
    { because: 'has roles', change: (role: unknown) => ({ roles: [role] }) },
  ])('is not given if it, or a group above it, $because', async ({ because, change }) => {
    const test = await testWorld({ reconcilers });
    await test.apply(groups);
    const { pk: role } = (await test.editAuthentik('POST', '/rbac/roles/', { name: 'r' })) as { pk: string };
    await byHand(test, 'all', () => change(role));
    await byHand(test, 'staff', ({ all }) => ({ parents: [all] }));
    expect(failures(await test.apply(inStaff))).toEqual([
      expect.stringContaining(`Authentik's group "all" ${because}, which gates gives nobody`),
    ]);
    expect(await parentsOf(test, 'admins')).toEqual([]);
  });

  it('is not given to a group that is not ours, nor to one in which the parent lies', async () => {
    const test = await testWorld({ reconcilers });
    await test.editAuthentik('POST', '/core/groups/', { name: 'admins' });
    expect(failures(await test.apply(inStaff))).toEqual([
      expect.stringContaining(`Authentik's group "admins" is not marked as ours`),
    ]);
    await test.apply(groups, { adopt: true });
    await byHand(test, 'staff', ({ admins }) => ({ parents: [admins] }));
    expect(failures(await test.apply(inStaff))).toEqual([
      expect.stringContaining(`Authentik's group "staff" lies in "admins" already`),
    ]);
  });

  it('of a group of another owner is used, and never given or taken back', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(groups);
    const theirs = (more: object) => () => ({
      attributes: { 'gates/owner': 'work', 'gates/name': 'admins', ...more },
    });
    await byHand(test, 'admins', theirs({}));
    expect(failures(await test.apply(inStaff))).toEqual([
      expect.stringContaining(`Authentik's group "admins" belongs to "work"`),
    ]);
    const { pk } = await row(test, 'staff');
    await byHand(test, 'admins', ({ staff }) => ({
      ...theirs({ 'gates/parents': [pk] })(),
      parents: [staff],
    }));
    expect(pending(await test.plan(inStaff))).toEqual([]);
    expect(failures(await test.apply(groups))).toEqual([]);
    expect(await parentsOf(test, 'admins')).toEqual(['staff']);
  });

  it('is taken back before one of the groups is removed', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(inStaff);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await listed(test, '/core/groups/?name=staff')).toEqual([]);
  });

  it('is given again if the reply was lost, and is given once', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply(groups);
    await test.fault({
      fault: 'lose-reply',
      times: 1,
      match: { system: 'authentik', method: 'PATCH', path: '/core/groups/*/' },
    });
    await test.apply(inStaff);
    await test.apply(inStaff);
    expect(await parentsOf(test, 'admins')).toEqual(['staff']);
    expect(pending(await test.plan(inStaff))).toEqual([]);
  });
});

describe('the order of a parent', () => {
  const needsOf = async (test: TestWorld, wants: readonly DesiredObject[], id: string) =>
    (await test.plan(wants)).changes.find((change) => change.id.startsWith(id))?.needs;

  it('is given after all logins, and taken back before any', async () => {
    const test = await testWorld({ reconcilers: kinds });
    const before = [
      ...new Map([...gateFor('staff'), ...inStaff].map((each) => [addressId(each.address), each])).values(),
    ];
    expect(await needsOf(test, before, 'create authentik/group-parent')).toEqual(
      expect.arrayContaining([
        'create authentik/binding:grafana/staff',
        'create authentik/provider-link:grafana',
      ]),
    );
    expect(failures(await test.apply(before))).toEqual([]);
    const after = [
      ...new Map([...gateFor('all'), ...groups].map((each) => [addressId(each.address), each])).values(),
    ];
    const [taken] = pending(await test.plan(after)).filter(
      ({ address }) => address.kind === groupParent.kind,
    );
    expect(taken?.verb).toBe('prune');
    expect(await needsOf(test, after, 'create authentik/binding:grafana/all')).toContain(taken?.id);
    expect(taken?.needs).toEqual([]);
    expect(failures(await test.apply(after))).toEqual([]);
  });
});

describe('the key of a parent', () => {
  it('is another one for each pair of names', () => {
    expect(groupParentKey('a < b', 'c')).not.toBe(groupParentKey('a', 'b < c'));
    expect(groupParentKey('a\\', 'b')).not.toBe(groupParentKey('a', '\\b'));
    expect(groupParentKey('admins', 'staff')).toBe('admins < staff');
  });
});
