import { describe, expect, it } from 'vitest';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import { user } from '../../../../reconcilers/authentik/application/user.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { app, gateFor, host, outpostName, type Row, authentikKinds as withoutUsers } from '../grafana.ts';

const because = 'services.grafana';
const authentikKinds = [user as unknown as AnyReconciler, ...withoutUsers];

/** A world whose file names these users. */
function withUsers(...users: readonly string[]): Promise<TestWorld> {
  const authentik = {
    url: 'http://authentik.lan:9000',
    outpost: outpostName,
    applications: [],
    clients: false,
  };
  return testWorld({ reconcilers: authentikKinds, scope: { authentik: { ...authentik, users } } });
}

function lookup(name: string): DesiredObject {
  return { address: { kind: 'authentik/user', key: name }, spec: {}, mustExist: 'nobody has it', because };
}

function bindingOfUser(name: string): DesiredObject {
  const spec = {
    application: ref('authentik/application:grafana'),
    group: '',
    user: ref(`authentik/user:${name}`),
    enabled: true,
    negated: false,
    hosts: [host],
  };
  return { address: { kind: 'authentik/binding', key: `grafana:user/${name}` }, spec, because };
}

async function account(test: TestWorld, username: string): Promise<Row> {
  return (await test.editAuthentik('POST', '/core/users/', { username, name: username })) as Row;
}

describe('a user of Authentik', () => {
  it('is found by the exact user name, and nobody else is', async () => {
    const test = await withUsers('ada');
    await account(test, 'adam');
    const { pk } = await account(test, 'ada');
    expect(await test.read(user)).toMatchObject([
      { address: { key: 'ada' }, attributes: { id: String(pk) } },
    ]);
    expect(await test.read(user)).toHaveLength(1);
  });

  it('is never made: what needs it waits, with the reason', async () => {
    const test = await withUsers('ada');
    const plan = await test.plan([lookup('ada'), app, bindingOfUser('ada')]);
    expect(JSON.stringify(plan)).toContain('nobody has it');
    expect(failures(await test.apply([lookup('ada'), app, bindingOfUser('ada')]))).not.toEqual([]);
    expect(await test.read(binding)).toEqual([]);
  });

  it('is bound beside groups, and a second plan is empty', async () => {
    const test = await withUsers('ada');
    const { pk } = await account(test, 'ada');
    const wants = [...gateFor('admins'), lookup('ada'), bindingOfUser('ada')];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect((await test.read(binding)).map(({ spec }) => [spec.group === '', spec.user])).toEqual([
      [false, ''],
      [true, String(pk)],
    ]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it.each([
    { changed: 'negate', value: true },
    { changed: 'enabled', value: false },
  ])(
    'whose binding somebody changed ($changed) gets another one, without a PUT',
    async ({ changed, value }) => {
      const test = await withUsers('ada');
      const { pk } = await account(test, 'ada');
      const wants = [lookup('ada'), app, bindingOfUser('ada')];
      await test.apply(wants);
      const [have] = await test.read(binding);
      const target = have?.spec.application;
      const body = { target, user: pk, group: null, policy: null, order: 0, [changed]: value };
      await test.editAuthentik('PUT', `/policies/bindings/${have?.id}/`, body);
      expect(failures(await test.apply(wants))).toEqual([]);
      const healed = await test.read(binding);
      expect(healed).toMatchObject([{ spec: { user: String(pk), enabled: true, negated: false } }]);
      expect(healed[0]?.id).not.toBe(have?.id);
      expect(pending(await test.plan(wants))).toEqual([]);
    },
  );
});
