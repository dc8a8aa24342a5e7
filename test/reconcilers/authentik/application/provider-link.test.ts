import { describe, expect, it } from 'vitest';
import { providerLink } from '../../../../reconcilers/authentik/application/provider-link.ts';
import { addressId } from '../../../../src/core/objects/address.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import {
  app,
  authentikKinds,
  flowPk,
  flows,
  foreignProxy,
  gateFor,
  host,
  linkTo,
  listed,
  provider,
  type Row,
} from '../grafana.ts';

const applications = '/core/applications/';

/** The objects of that many complete gates. */
function gatesFor(count: number): readonly DesiredObject[] {
  const text = JSON.stringify(gateFor('admins'));
  const objects = Array.from({ length: count }, (_, n) =>
    JSON.parse(text.replaceAll('grafana', `app${n}`)),
  ).flat();
  return [
    ...new Map((objects as readonly DesiredObject[]).map((item) => [addressId(item.address), item])).values(),
  ];
}

contract({
  reconciler: providerLink,
  reconcilers: authentikKinds,
  collection: applications,
  desired: () => gateFor('admins'),
  drifts: [
    {
      field: 'provider',
      edit: async (_have, test) => {
        const { pk } = await foreignProxy(test, 'wiki');
        return test.editAuthentik('PATCH', `${applications}grafana/`, { provider: pk });
      },
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      const { pk } = await foreignProxy(test, `theirs${n}`);
      const body = { name: `theirs ${n}`, slug: `theirs-${n}`, provider: pk };
      await test.editAuthentik('POST', applications, body);
    }
    return `${applications}?superuser_full_list=true&page_size=100`;
  },
  remove: (_have, test) => test.editAuthentik('PATCH', `${applications}grafana/`, { provider: null }),
  unmarked: true,
});

describe('the provider of an Authentik application', () => {
  const open = [...flows, provider, app, linkTo([])];

  it('is not linked to an application without bindings, though the plan says so', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const reckless = [...open.slice(0, -1), { ...linkTo(['admins']), needs: [] }];
    expect(failures(await test.apply(reckless))).toEqual([expect.stringContaining('has no binding')]);
    const row = (await test.editAuthentik('GET', `${applications}grafana/`)) as Row;
    expect(row.provider).toBeNull();
  });

  it('is linked to an application that the file opens to everyone', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    expect(failures(await test.apply(open))).toEqual([]);
    expect(pending(await test.plan(open))).toEqual([]);
  });

  it.each([
    { because: 'before all else, where it logs everybody in by itself', through: 'itself', step: 'close' },
    {
      because: 'in its turn behind an outpost, where the login of the domain may answer instead',
      through: 'outpost',
    },
  ])('is unlinked from one that has lost its bindings $because', async ({ through, step = 'unguard' }) => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(open);
    if (through === 'itself') {
      const flow = await flowPk(test);
      const body = { name: 'theirs', authorization_flow: flow, invalidation_flow: flow, redirect_uris: [] };
      const { pk } = (await test.editAuthentik('POST', '/providers/oauth2/', body)) as Row;
      await test.editAuthentik('PATCH', `${applications}grafana/`, { provider: pk });
    }
    const link = (await test.plan([])).changes.find(({ address }) => address.kind === providerLink.kind);
    expect(link).toMatchObject({ verb: 'prune', doors: [{ host, step }] });
  });

  it('goes before the bindings, the application and the provider', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins', 'family'));
    const plan = await test.plan([]);
    const order = plan.changes.map(({ id }) => id.replace(/ [^ ]+$/, '').replace(/ provider( of)?$/, ''));
    const at = (text: string) => order.findIndex((id) => id.includes(text));
    expect(at('provider-link')).toBeLessThan(at('authentik/application'));
    expect(at('provider-link')).toBeLessThan(at('authentik/proxy-provider'));
    expect(at('outpost-entry')).toBeLessThan(at('authentik/proxy-provider'));
    expect(failures(await test.carryOut(plan))).toEqual([]);
    expect(pending(await test.plan([]))).toEqual([]);
    expect(await listed(test, '/providers/proxy/')).toEqual([]);
  });

  it('costs a first apply no separate list of applications', async () => {
    const lists = async (count: number) => {
      const test = await testWorld({ reconcilers: authentikKinds });
      expect(failures(await test.apply(gatesFor(count)))).toEqual([]);
      expect(pending(await test.plan(gatesFor(count)))).toEqual([]);
      const calls = test.sandbox.calls();
      return calls.filter(
        ({ method, path }) => method === 'GET' && path.split('?')[0] === `/api/v3${applications}`,
      ).length;
    };
    expect(await lists(12)).toBe(await lists(2));
  });

  it('comes back when the provider was removed by hand', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(gateFor('admins'));
    const [made] = await listed(test, '/providers/proxy/');
    await test.editAuthentik('DELETE', `/providers/proxy/${made?.pk}/`);
    expect(pending(await test.plan(gateFor('admins'))).map(({ id }) => id)).toEqual([
      'create authentik/proxy-provider:grafana',
      'create authentik/provider-link:grafana',
      'create authentik/outpost-entry:grafana',
    ]);
    expect(failures(await test.apply(gateFor('admins')))).toEqual([]);
    expect(pending(await test.plan(gateFor('admins')))).toEqual([]);
  });
});
