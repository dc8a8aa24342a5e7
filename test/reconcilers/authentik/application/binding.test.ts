import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import type { BindingSpec } from '../../../../reconcilers/authentik/application/binding-form.ts';
import { group } from '../../../../reconcilers/authentik/application/group.ts';
import { applyPlan } from '../../../../src/apply/apply.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import type { Wire, World } from '../../../../src/core/world.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { app, authentikKinds, bindingOf, gateFor, groupNamed, host, listed } from '../grafana.ts';

const bindings = '/policies/bindings/';
const reconcilers = [group, application, binding] as readonly unknown[] as readonly AnyReconciler[];
const wants = [groupNamed('admins'), app, bindingOf('admins')];

/** Changes a binding completely, as a person must: a PATCH gets 500, and a PUT needs a unique order. */
async function changed(have: Observed<BindingSpec>, test: TestWorld, changes: object): Promise<unknown> {
  const { application: target, group: groupId } = have.spec;
  const { order } = have.raw as { readonly order: number };
  const body = { target, group: groupId, policy: null, user: null, order, ...changes };
  return test.editAuthentik('PUT', `${bindings}${have.id}/`, body);
}

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

/** A world that calls `look` after each write to Authentik. */
function watching(pass: World, look: () => Promise<void>): World {
  const wire = pass.authentik;
  if (wire === undefined) throw new Error('the test world has no Authentik');
  const after = async <T>(write: Promise<T>): Promise<T> => {
    const reply = await write;
    await look();
    return reply;
  };
  const authentik: Wire = {
    ...wire,
    post: (path, body) => after(wire.post(path, body)),
    put: (path, body) => after(wire.put(path, body)),
    patch: (path, body) => after(wire.patch(path, body)),
    delete: (path) => after(wire.delete(path)),
  };
  return createWorld({ ...pass, authentik });
}

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

/** The orders of the application's bindings, sorted. */
async function ordersOf(test: TestWorld): Promise<readonly number[]> {
  const rows = (await listed(test, `${bindings}?page_size=100`)) as readonly unknown[];
  const apps = new Set((await test.read(application)).map(({ id }) => id));
  return (rows as readonly { readonly target: string; readonly order: number }[])
    .filter(({ target }) => apps.has(target))
    .map(({ order }) => order)
    .sort();
}

describe('the order of a binding', () => {
  it('is unique: no two bindings that gates makes for an application share one', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins', 'family'));
    expect(await ordersOf(test)).toEqual([0, 1]);
    expect(failures(await test.apply(gateFor('admins', 'family', 'guests')))).toEqual([]);
    expect(await ordersOf(test)).toEqual([0, 1, 2]);
  });

  it('is no reason to write a binding that has shared one since an earlier release', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const [have] = await test.read(binding);
    const { application: target } = have?.spec ?? {};
    const family = ((await test.editAuthentik('POST', '/core/groups/', { name: 'family' })) as { pk: string })
      .pk;
    await test.editAuthentik('POST', bindings, { target, group: family, order: 0 });
    expect(await ordersOf(test)).toEqual([0, 0]);
    const before = test.lastCall();
    expect(failures(await test.apply(gateFor('admins', 'family')))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
  });
});

describe('a binding that a person negated', () => {
  const negated = async (test: TestWorld): Promise<Observed<BindingSpec>> => {
    await test.apply(gateFor('admins'));
    const [have] = await test.read(binding);
    if (have === undefined) throw new Error('there is no binding');
    await changed(have, test, { negate: true });
    return have;
  };

  it('is repaired next to a foreign one of the same order, without a PUT, and the application always has one', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const have = await negated(test);
    const [person] = await listed(test, '/core/users/?page_size=1');
    const { application: target } = have.spec;
    await test.editAuthentik('POST', bindings, { target, user: person?.pk, order: 0 });
    await test.fault({
      fault: 'status',
      status: 400,
      match: { system: 'authentik', method: 'PUT', path: `${bindings}*` },
    });
    const counts: number[] = [];
    const watched = watching(test.pass(), async () => {
      counts.push((await test.read(binding)).filter(({ spec }) => spec.application === target).length);
    });
    const before = test.lastCall();
    const outcomes = await applyPlan(await test.plan(gateFor('admins')), authentikKinds, watched);
    expect(failures(outcomes)).toEqual([]);
    expect(test.writes(before).map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE']);
    // The counts are: the wrong, the foreign and the new one; the foreign and the new one; the new one alone.
    expect(counts).toEqual([3, 2, 1]);
    expect(await ordersOf(test)).toEqual([1]);
    expect(pending(await test.plan(gateFor('admins')))).toEqual([]);
  });

  it('stays while Authentik does not show its replacement', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const { id } = await negated(test);
    const pass = test.pass();
    const wire = pass.authentik as Wire;
    const get: Wire['get'] = async (path, query) => {
      const reply = await wire.get(path, query);
      return path.startsWith(bindings) ? { ...(reply as object), negate: true } : reply;
    };
    const outcomes = await applyPlan(
      await test.plan(gateFor('admins')),
      authentikKinds,
      createWorld({ ...pass, authentik: { ...wire, get } }),
    );
    expect(failures(outcomes)).toEqual([expect.stringContaining('does not show the new binding')]);
    expect((await test.read(binding)).map((item) => item.id)).toContain(id);
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect((await test.read(binding)).map(({ spec }) => spec.negated)).toEqual([false]);
  });

  it.each([true, false])(
    'is removed by the next run if a run died in between, pruning: %s',
    async (prune) => {
      const test = await testWorld({ reconcilers: authentikKinds });
      await negated(test);
      await test.fault({ fault: 'drop', match: { system: 'authentik', method: 'DELETE' }, times: 4 });
      expect(failures(await test.apply(gateFor('admins'), { prune }))).toHaveLength(1);
      expect((await test.read(binding)).map(({ spec }) => spec.negated)).toEqual([false, true]);
      expect(pending(await test.plan(gateFor('admins'), { prune })).map(({ verb }) => verb)).toEqual([
        'prune',
      ]);
      expect(failures(await test.apply(gateFor('admins'), { prune }))).toEqual([]);
      expect((await test.read(binding)).map(({ spec }) => spec.negated)).toEqual([false]);
      expect(await test.notes.list('authentik-binding-exchange')).toEqual([]);
    },
  );

  it('is removed even if the reply to the new one is lost', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await negated(test);
    await test.fault({ fault: 'lose-reply', match: { system: 'authentik', method: 'POST' }, times: 1 });
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect((await test.read(binding)).map(({ spec }) => spec.negated)).toEqual([false]);
  });
});
