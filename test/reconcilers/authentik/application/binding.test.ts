import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import { group } from '../../../../reconcilers/authentik/application/group.ts';
import { applyPlan } from '../../../../src/apply/apply.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import type { Wire } from '../../../../src/core/world.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { app, authentikKinds, bindingOf, gateFor, groupNamed, host, listed } from '../grafana.ts';
import { bindings, changed, watching } from './binding-calls.ts';

const reconcilers = [group, application, binding] as readonly unknown[] as readonly AnyReconciler[];
const wants = [groupNamed('admins'), app, bindingOf('admins')];

async function foreignGroup(test: TestWorld, name: string): Promise<string> {
  return ((await test.editAuthentik('POST', '/core/groups/', { name })) as { pk: string }).pk;
}

contract({
  reconciler: binding,
  reconcilers,
  collection: bindings,
  desired: () => wants,
  drifts: [
    { field: 'enabled', edit: (have, test) => changed(have, test, { enabled: false }) },
    { field: 'negated', edit: (have, test) => changed(have, test, { negate: true }) },
  ],
  async crowd(test, count) {
    const wiki = { name: 'wiki', slug: 'wiki' };
    const { pk: target } = (await test.editAuthentik('POST', '/core/applications/', wiki)) as { pk: string };
    for (let n = 1; n <= count; n += 1) {
      const body = { target, group: await foreignGroup(test, `theirs ${n}`), order: n };
      await test.editAuthentik('POST', bindings, body);
    }
    return `${bindings}?page_size=100`;
  },
  exchanged: true,
  remove: ({ id }, test) => test.editAuthentik('DELETE', `${bindings}${id}/`),
  unmarked: true,
});

describe('an Authentik binding', () => {
  it('that somebody added to an application of ours is removed, whomever it admits', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const [grafana] = await test.read(application);
    const [person] = await listed(test, '/core/users/?page_size=1');
    const target = grafana?.id;
    const crowd = await foreignGroup(test, 'crowd');
    await test.editAuthentik('POST', bindings, { target, group: crowd, order: 0 });
    await test.editAuthentik('POST', bindings, { target, user: person?.pk, order: 0 });
    const changes = pending(await test.plan(gateFor('admins')));
    expect(changes.map(({ verb, address }) => `${verb} ${address.key}`).sort()).toEqual([
      'prune grafana/crowd',
      `prune grafana:user/${person?.username}`,
    ]);
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect(pending(await test.plan(gateFor('admins')))).toEqual([]);
  });

  it('that exists twice is removed once', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const [have] = await test.read(binding);
    const { application: target, group: groupId } = have?.spec ?? {};
    await test.editAuthentik('POST', bindings, { target, group: groupId, order: 7, enabled: false });
    await test.editAuthentik('POST', bindings, { target, group: groupId, order: 9 });
    expect(pending(await test.plan(gateFor('admins'))).map(({ verb }) => verb)).toEqual(['prune', 'prune']);
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect((await test.read(binding)).map(({ id }) => id)).toEqual([have?.id]);
  });

  it.each([
    { from: ['admins'], to: ['family'] },
    { from: ['admins', 'family'], to: ['admins'] },
    { from: ['admins', 'family'], to: ['family'] },
    { from: ['admins', 'family'], to: ['guests'] },
    { from: ['admins'], to: ['admins', 'family'] },
  ])('from $from becomes one to $to, and the application always has one', async ({ from, to }) => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor(...from));
    let fewest = Number.POSITIVE_INFINITY;
    const watched = watching(test.pass(), async () => {
      fewest = Math.min(fewest, (await test.read(binding)).length);
    });
    const outcomes = await applyPlan(await test.plan(gateFor(...to)), authentikKinds, watched);
    expect(failures(outcomes)).toEqual([]);
    expect(fewest).toBeGreaterThan(0);
    expect(pending(await test.plan(gateFor(...to)))).toEqual([]);
  });

  it('is not removed while it is the last, though a plan says so', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const plan = await test.plan(gateFor('family'));
    const alone = plan.changes.filter(
      ({ verb, address }) => verb === 'prune' && address.kind.endsWith('binding'),
    );
    expect(alone).toHaveLength(1);
    const outcomes = await test.carryOut({ ...plan, changes: alone.map((item) => ({ ...item, needs: [] })) });
    expect(failures(outcomes)).toEqual([expect.stringContaining('everybody would get through')]);
    expect(await test.read(binding)).toHaveLength(1);
  });

  it('is not removed while only temporary access is left', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const plan = await test.plan(gateFor('family'));
    const removals = plan.changes.filter(
      ({ verb, address }) => verb === 'prune' && address.kind.endsWith('binding'),
    );
    expect(removals).toHaveLength(1);
    const [grafana] = await test.read(application);
    const guests = await foreignGroup(test, 'guests');
    await test.editAuthentik('POST', bindings, { target: grafana?.id, group: guests, order: 1 });
    const pass = test.pass();
    const wire = pass.authentik as Wire;
    const list: Wire['list'] = async (path, query) =>
      (await wire.list(path, query)).map((item) =>
        (item as { readonly group?: string }).group === guests
          ? { ...(item as object), expiring: true }
          : item,
      );
    const outcomes = await applyPlan(
      { ...plan, changes: removals.map((removal) => ({ ...removal, needs: [] })) },
      authentikKinds,
      createWorld({ ...pass, authentik: { ...wire, list } }),
    );
    expect(failures(outcomes)).toEqual([expect.stringContaining('everybody would get through')]);
    expect(await test.read(binding)).toHaveLength(2);
  });

  it('is not removed if the only other one expires', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins', 'family'));
    const plan = await test.plan(gateFor('admins'));
    const [removal] = plan.changes.filter(
      ({ verb, address }) => verb === 'prune' && address.kind === 'authentik/binding',
    );
    const pass = test.pass();
    const wire = pass.authentik as Wire;
    const list: Wire['list'] = async (path, query) => {
      const all = (await wire.list(path, query)) as readonly { readonly pk: string }[];
      return all.map((item) => (item.pk === removal?.have?.id ? item : { ...item, expiring: true }));
    };
    const alone = { ...plan, changes: removal === undefined ? [] : [{ ...removal, needs: [] }] };
    const outcomes = await applyPlan(
      alone,
      authentikKinds,
      createWorld({ ...pass, authentik: { ...wire, list } }),
    );
    expect(failures(outcomes)).toEqual([expect.stringContaining('everybody would get through')]);
  });

  it('that somebody added goes before anything leads to the host, even if the login is yet to be created', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const [grafana] = await test.read(application);
    const crowd = await foreignGroup(test, 'crowd');
    await test.editAuthentik('PATCH', '/core/applications/grafana/', { provider: null });
    await test.editAuthentik('POST', bindings, { target: grafana?.id, group: crowd, order: 0 });
    const [added] = pending(await test.plan(gateFor('admins'))).filter(({ verb }) => verb === 'prune');
    expect(added).toMatchObject({ phase: 'guard', doors: [{ host, step: 'guard' }] });
  });

  it('that was negated by hand goes with its login, if no other counts', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const [have] = await test.read(binding);
    if (have !== undefined) await changed(have, test, { negate: true });
    expect((await test.read(binding))[0]?.spec).toMatchObject({ negated: true, last: true });
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await test.read(binding)).toEqual([]);
  });

  it('that was negated by hand goes while another counts, though that one was negated too', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins', 'family'));
    for (const have of await test.read(binding)) await changed(have, test, { negate: true });
    expect(failures(await test.apply(gateFor('family')))).toEqual([]);
    expect((await test.read(binding)).map(({ spec }) => spec.negated)).toEqual([false]);
    expect(pending(await test.plan(gateFor('family')))).toEqual([]);
  });

  it('that expires belongs to nobody, and does not count', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const pass = test.pass();
    const wire = pass.authentik;
    if (wire === undefined) throw new Error('the test world has no Authentik');
    const expiring = async (path: string) => {
      const all = (await wire.list(path)) as readonly object[];
      return path === bindings ? all.map((item) => ({ ...item, expiring: true })) : all;
    };
    const world = { ...pass, authentik: { ...wire, list: expiring } };
    const [have] = await binding.observe({ ...world, read: (reader) => reader.observe(world) });
    expect(have?.owner).toBeUndefined();
    expect(have?.spec.last).toBeUndefined();
  });
});
