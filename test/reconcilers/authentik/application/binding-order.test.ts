import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import type { BindingSpec } from '../../../../reconcilers/authentik/application/binding-form.ts';
import { applyPlan } from '../../../../src/apply/apply.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import type { Wire } from '../../../../src/core/world.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { authentikKinds, gateFor, listed } from '../grafana.ts';
import { bindings, changed, watching } from './binding-calls.ts';

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
