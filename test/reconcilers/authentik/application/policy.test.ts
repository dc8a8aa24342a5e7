import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import { policy } from '../../../../reconcilers/authentik/application/policy.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import {
  app,
  bindingOf,
  gateFor,
  groupNamed,
  host,
  outpostName,
  type Row,
  authentikKinds as withoutPolicies,
} from '../grafana.ts';

const because = 'services.grafana';
const authentikKinds = [policy as unknown as AnyReconciler, ...withoutPolicies];
const bindings = '/policies/bindings/';

function withPolicies(...policies: readonly string[]): Promise<TestWorld> {
  const authentik = {
    url: 'http://authentik.lan:9000',
    outpost: outpostName,
    applications: [],
    clients: false,
  };
  return testWorld({ reconcilers: authentikKinds, scope: { authentik: { ...authentik, policies } } });
}

const lookup: DesiredObject = {
  ...{
    address: { kind: 'authentik/policy', key: 'office' },
    spec: {},
    mustExist: 'nobody wrote it',
    because,
  },
};
const bound: DesiredObject = {
  address: { kind: 'authentik/binding', key: 'grafana:policy/office' },
  spec: {
    ...{ application: ref('authentik/application:grafana'), group: '', user: '' },
    ...{ policy: ref('authentik/policy:office'), enabled: true, negated: false, hosts: [host] },
  },
  because,
};
const asking: DesiredObject = { ...app, spec: { ...(app.spec as object), engine: 'all' } };
const wants = [lookup, groupNamed('admins'), asking, bound, bindingOf('admins')];

async function written(test: TestWorld, name: string): Promise<string> {
  const body = { name, expression: `return is_${name}(request)` };
  return ((await test.editAuthentik('POST', '/policies/expression/', body)) as { pk: string }).pk;
}

async function rowOf(test: TestWorld, pk: string): Promise<Row | undefined> {
  const { results } = (await test.editAuthentik('GET', bindings)) as { results: readonly Row[] };
  return results.find((row) => row.policy === pk);
}

describe('a policy of Authentik', () => {
  it('is found by its exact name, of whatever type, and no other one is', async () => {
    const test = await withPolicies('office');
    await written(test, 'offices');
    const pk = await written(test, 'office');
    expect(await test.read(policy)).toMatchObject([{ id: pk, address: { key: 'office' } }]);
    expect(await (await withPolicies()).read(policy)).toEqual([]);
  });

  it('is never made: what needs it waits, with the reason', async () => {
    const test = await withPolicies('office');
    expect(JSON.stringify(await test.plan(wants))).toContain('nobody wrote it');
    expect(failures(await test.apply(wants))).not.toEqual([]);
    expect((await test.read(binding)).filter(({ spec }) => spec.policy !== undefined)).toEqual([]);
  });

  it('is bound so that it keeps people out if it fails, and a second plan is empty', async () => {
    const test = await withPolicies('office');
    const pk = await written(test, 'office');
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(await rowOf(test, pk)).toMatchObject({
      ...{ enabled: true, negate: false, failure_result: false, timeout: 30, group: null, user: null },
    });
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it.each([{ failure_result: true }, { negate: true }, { enabled: false }])(
    'whose binding somebody changed (%o) gets another one',
    async (change) => {
      const test = await withPolicies('office');
      const pk = await written(test, 'office');
      await test.apply(wants);
      const row = await rowOf(test, pk);
      const body = {
        ...{ target: row?.target, order: row?.order, policy: pk, group: null, user: null },
        ...change,
      };
      await test.editAuthentik('PUT', `${bindings}${row?.pk}/`, body);
      expect(failures(await test.apply(wants))).toEqual([]);
      expect(await rowOf(test, pk)).toMatchObject({ enabled: true, negate: false, failure_result: false });
      expect(pending(await test.plan(wants))).toEqual([]);
    },
  );

  it('that somebody negated stands until a right one is beside it', async () => {
    const test = await withPolicies('office');
    const pk = await written(test, 'office');
    await test.apply(wants);
    const row = await rowOf(test, pk);
    await test.editAuthentik('PUT', `${bindings}${row?.pk}/`, { ...row, negate: true });
    const plan = await test.plan(wants, { prune: false });
    expect(pending(plan).map(({ verb, address }) => `${verb} ${address.key}`)).toEqual([
      'create grafana:policy/office',
      `prune grafana:policy/office (${row?.pk})`,
    ]);
  });

  it('is not bound while it would admit people by itself', async () => {
    const test = await withPolicies('office');
    await written(test, 'office');
    const result = await test.apply([lookup, groupNamed('admins'), app, bindingOf('admins'), bound]);
    expect(JSON.stringify(failures(result))).toContain('any of its bindings agrees');
    expect((await test.read(binding)).map(({ spec }) => spec.policy)).toEqual([undefined]);
  });

  it('is asked for until it is unbound: then the application becomes laxer, in one run', async () => {
    const test = await withPolicies('office');
    await written(test, 'office');
    await test.apply(wants);
    const without = [groupNamed('admins'), app, bindingOf('admins')];
    expect(failures(await test.apply(without))).toEqual([]);
    expect((await test.read(application)).map(({ spec }) => spec.engine)).toEqual(['any']);
    expect((await test.read(binding)).map(({ spec }) => spec.policy)).toEqual([undefined]);
    expect(pending(await test.plan(without))).toEqual([]);
  });

  it('goes with the group of before, after somebody has taken the provider from the application', async () => {
    const test = await withPolicies('office');
    await written(test, 'office');
    const gate = gateFor('admins').map((object) => (object === app ? asking : object));
    expect(failures(await test.apply([lookup, ...gate, bound]))).toEqual([]);
    await test.editAuthentik('PATCH', '/core/applications/grafana/', { provider: null });
    expect(failures(await test.apply(gateFor('crowd')))).toEqual([]);
    expect((await test.read(binding)).map(({ address }) => address.key)).toEqual(['grafana/crowd']);
    expect(pending(await test.plan(gateFor('crowd')))).toEqual([]);
  });

  it('does not let an application become laxer while somebody else keeps it bound', async () => {
    const test = await withPolicies('office');
    const pk = await written(test, 'office');
    await test.apply(wants);
    const [have] = await test.read(application);
    const without = [groupNamed('admins'), app, bindingOf('admins')];
    const result = await test.apply(without, { prune: false });
    expect(JSON.stringify(failures(result))).toContain('would admit people by itself');
    expect((await test.read(application)).map(({ spec }) => spec.engine)).toEqual(['all']);
    expect(await rowOf(test, pk)).toMatchObject({ target: have?.id });
  });
});
