import { describe, expect, it } from 'vitest';
import { application } from '../../../../reconcilers/authentik/application/application.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { app, authentikKinds, gateFor, host, listed, type Row } from '../grafana.ts';

const applications = '/core/applications/';
const reconcilers = [application];

contract({
  reconciler: application,
  reconcilers,
  collection: applications,
  desired: () => [app],
  drifts: (
    [
      ['name', { name: 'by hand' }],
      ['launchUrl', { meta_launch_url: 'https://elsewhere.example.dev/' }],
      ['engine', { policy_engine_mode: 'all' }],
    ] as const
  ).map(([field, body]) => ({
    field,
    edit: ({ address }, test) => test.editAuthentik('PATCH', `${applications}${address.key}/`, body),
  })),
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.editAuthentik('POST', applications, { name: `theirs ${n}`, slug: `theirs-${n}` });
    }
    return `${applications}?superuser_full_list=true&page_size=100`;
  },
  remove: ({ address }, test) => test.editAuthentik('DELETE', `${applications}${address.key}/`),
});

describe('an Authentik application', () => {
  it('that exists already is adopted with the publisher text that a person wrote', async () => {
    const test = await testWorld({ reconcilers });
    await test.editAuthentik('POST', applications, {
      name: 'by hand',
      slug: 'grafana',
      meta_publisher: 'Ann',
    });
    expect(pending(await test.plan([app])).map(({ verb }) => verb)).toEqual(['refuse']);
    expect(failures(await test.apply([app], { adopt: true }))).toEqual([]);
    const row = (await test.editAuthentik('GET', `${applications}grafana/`)) as Row;
    expect(row).toMatchObject({ name: 'grafana', meta_publisher: 'gates:home Ann' });
  });

  it('without an address of its own keeps one that was set by hand', async () => {
    const test = await testWorld({ reconcilers });
    const plain = { ...app, spec: { ...(app.spec as object), launchUrl: '' } };
    expect(failures(await test.apply([plain]))).toEqual([]);
    const body = { meta_launch_url: 'https://by-hand.example.dev/' };
    await test.editAuthentik('PATCH', `${applications}grafana/`, body);
    expect(pending(await test.plan([plain]))).toEqual([]);
  });

  it('is never created with a provider', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const began = await test.plan(gateFor('admins'));
    const order = began.changes.map(({ address }) => address.kind);
    const at = (kind: string) => order.indexOf(kind as (typeof order)[number]);
    expect(at('authentik/provider-link')).toBeGreaterThan(at('authentik/binding'));
    expect(at('authentik/binding')).toBeGreaterThan(at('authentik/application'));
  });

  it('that was removed by hand comes back: bindings first, then its provider', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    await test.editAuthentik('DELETE', `${applications}grafana/`);
    expect(pending(await test.plan(gateFor('admins'))).map(({ id }) => id)).toEqual([
      'create authentik/application:grafana',
      'create authentik/binding:grafana/admins',
      'create authentik/provider-link:grafana',
    ]);
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect(pending(await test.plan(gateFor('admins')))).toEqual([]);
  });

  it('finds its host through its provider, even when its address was changed by hand', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    await test.editAuthentik('PATCH', `${applications}grafana/`, { meta_launch_url: '' });
    expect((await test.read(application)).map(({ spec }) => spec.hosts)).toEqual([[host]]);
  });

  it('is found by its name, and by its provider, if the token may not list all', async () => {
    const test = await testWorld({ reconcilers: authentikKinds, applications: ['grafana', 'none'] });
    await test.apply(gateFor('admins'));
    const pass = test.pass();
    const wire = pass.authentik;
    if (wire === undefined) throw new Error('the test world has no Authentik');
    const limited = {
      ...wire,
      get: async (path: string) => {
        // The count includes all, whatever the token's user sees.
        if (path === applications) return { pagination: { count: 1 }, results: [] };
        return path === '/core/users/me/' ? { user: { pk: 9, is_superuser: false } } : wire.get(path);
      },
    };
    const named = createWorld({ ...pass, authentik: limited });
    expect((await named.read(application)).map(({ address }) => address.key)).toEqual(['grafana']);
    const { authentik: scope, ...rest } = pass.scope;
    if (scope === undefined) throw new Error('the test world has no Authentik');
    const nothingNamed = { ...rest, authentik: { ...scope, applications: [] } };
    const assigned = createWorld({ ...pass, scope: nothingNamed, authentik: limited });
    expect((await assigned.read(application)).map(({ address }) => address.key)).toEqual(['grafana']);
  });

  it('is found without asking whose token it is, if one page shows all', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const before = test.lastCall();
    await test.read(application);
    const asked = test.sandbox.calls(before).map(({ path }) => path);
    expect(asked.filter((path) => path.includes('/core/'))).toEqual(['/api/v3/core/applications/']);
  });

  it('is found among several pages', async () => {
    const test = await testWorld({ reconcilers: authentikKinds, pageSize: 2 });
    await test.apply(gateFor('admins'));
    for (const slug of ['a', 'b', 'c']) {
      await test.editAuthentik('POST', '/core/applications/', { name: slug, slug });
    }
    const found = await test.read(application);
    expect(found.map(({ address }) => address.key).sort()).toEqual(['a', 'b', 'c', 'grafana']);
  });

  it('with a reserved slug is refused, in the words of the API', async () => {
    const test = await testWorld({ reconcilers });
    const token: DesiredObject = { ...app, address: { kind: 'authentik/application', key: 'token' } };
    expect(failures(await test.apply([token]))).toEqual([expect.stringContaining('reserved')]);
  });

  it('makes its renamed predecessor release the provider', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    await test.editAuthentik('PATCH', `${applications}grafana/`, { slug: 'renamed' });
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    await test.apply(gateFor('admins'));
    expect(pending(await test.plan(gateFor('admins')))).toEqual([]);
    const rows = await listed(test, `${applications}?superuser_full_list=true`);
    expect(rows.map(({ slug }) => slug)).toEqual(['grafana']);
  });
});
