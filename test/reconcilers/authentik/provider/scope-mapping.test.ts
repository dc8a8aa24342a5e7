import { describe, expect, it } from 'vitest';
import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { authentikOf } from '../../../../reconcilers/authentik/reading/api.ts';
import { applyPlan } from '../../../../src/apply/apply.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../../../src/core/reconciler.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { foreignProxy } from '../grafana.ts';

const mappings = '/propertymappings/provider/scope/';
const reconcilers = [scopeMapping] as readonly unknown[] as readonly AnyReconciler[];
const verified: DesiredObject = {
  address: { kind: 'authentik/scope-mapping', key: 'verified' },
  spec: { scopeName: 'verified', expression: 'return {"email_verified": True}', description: '' },
  because: 'authentik.scopes.verified',
};

contract({
  reconciler: scopeMapping,
  reconcilers,
  collection: mappings,
  desired: () => [verified],
  drifts: (
    [
      ['scopeName', { scope_name: 'other' }],
      ['expression', { expression: 'return {}' }],
      ['description', { description: 'by hand' }],
    ] as const
  ).map(([field, body]) => ({
    field,
    edit: ({ id }, test) => test.editAuthentik('PATCH', `${mappings}${id}/`, body),
  })),
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      const body = { name: `theirs ${n}`, scope_name: `s${n}`, expression: 'return {}' };
      await test.editAuthentik('POST', mappings, body);
    }
    return `${mappings}?page_size=100`;
  },
  remove: ({ id }, test) => test.editAuthentik('DELETE', `${mappings}${id}/`),
  beside: true,
});

describe('an Authentik scope mapping', () => {
  it('of Authentik itself is found by its `managed` name', async () => {
    const test = await testWorld({ reconcilers });
    const key = 'goauthentik.io/providers/oauth2/scope-openid';
    const stock: DesiredObject = {
      address: { kind: 'authentik/scope-mapping', key },
      spec: {},
      mustExist: 'there is no such scope',
      because: 'clients.vault',
    };
    expect(pending(await test.plan([stock]))).toEqual([]);
    expect(pending(await test.plan([stock], { adopt: true }))).toEqual([]);
    const found = (await test.read(scopeMapping)).find(({ address }) => address.key === key);
    expect(found).toMatchObject({ owner: undefined, spec: { scopeName: 'openid' } });
  });

  it('is equal to the same text with other white space around it', async () => {
    const test = await testWorld({ reconcilers });
    const block = { ...verified, spec: { ...(verified.spec as object), expression: 'return {}\n' } };
    await test.apply([block]);
    expect(pending(await test.plan([block]))).toEqual([]);
  });

  it('that a provider still uses is not removed', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([verified]);
    const made = (await test.read(scopeMapping)).find(({ owner }) => owner === 'home');
    const { pk } = await foreignProxy(test, 'wiki');
    const body = { mode: 'forward_single', property_mappings: [made?.id] };
    await test.editAuthentik('PATCH', `/providers/proxy/${pk}/`, body);
    expect(failures(await test.apply([]))).toEqual([expect.stringContaining('still used')]);
  });

  it('with an unwritable field is kept and reported, since no door depends on it', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([verified]);
    const made = (await test.read(scopeMapping)).find(({ owner }) => owner === 'home');
    await test.editAuthentik('PATCH', `/propertymappings/provider/scope/${made?.id}/`, {
      description: 'by hand',
    });
    const pass = test.pass();
    const wire = authentikOf(pass);
    // The server answers 200 and keeps the old value.
    const authentik = { ...wire, patch: (path: string) => wire.get(path) };
    const first = await applyPlan(
      await test.plan([verified]),
      reconcilers,
      createWorld({ ...pass, authentik }),
    );
    expect(failures(first)).toEqual([expect.stringContaining('had no effect')]);
    const before = test.lastCall();
    const plan = await test.plan([verified]);
    expect(pending(plan)).toEqual([]);
    expect(plan.warnings).toEqual([expect.stringMatching(/an earlier write of description had no effect/)]);
    expect(failures(await test.apply([verified]))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
  });
});
