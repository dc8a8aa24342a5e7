import { describe, expect, it } from 'vitest';
import { tokenRule } from '../../../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { configuration, host, lookups, rule, shieldReconcilers, shieldWorld } from '../api-shield.ts';
import { inZone } from '../first-zone.ts';

const rules = 'token_validation/rules';
const wants = [...lookups, configuration(), rule()];

const edit =
  (changes: object): Parameters<typeof contract>[0]['drifts'][number]['edit'] =>
  ({ id }, test) =>
    test.edit('PATCH', inZone(test, `${rules}/${id}`), changes);

const foreign = (n: number, include = ['other.example.dev']) => ({
  title: `other ${n}`,
  description: '',
  action: 'log',
  enabled: true,
  expression: 'http.request.method eq "OPTIONS"',
  selector: { include: [{ host: include }], exclude: null },
});

contract({
  reconciler: tokenRule,
  reconcilers: shieldReconcilers,
  collection: '/zones/*/token_validation/rules',
  world: shieldWorld,
  desired: () => wants,
  drifts: [
    { field: 'action', edit: edit({ action: 'log' }) },
    { field: 'enabled', edit: edit({ enabled: false }) },
    { field: 'title', edit: edit({ title: 'mine' }) },
    { field: 'configuration', edit: edit({ expression: 'http.request.method eq "OPTIONS"' }) },
    {
      field: 'hosts',
      edit: edit({ selector: { include: [{ host: ['other.example.dev'] }], exclude: null } }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) await test.edit('POST', inZone(test, rules), foreign(n));
    return inZone(test, rules);
  },
  remove: ({ id }, test) => test.edit('DELETE', inZone(test, `${rules}/${id}`)),
});

describe('a token rule', () => {
  it('is put in front of a foreign rule for its host: only the first one counts', async () => {
    const test = await testWorld({ reconcilers: shieldReconcilers, ...shieldWorld });
    await test.edit('POST', inZone(test, rules), foreign(1, [host]));
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    const list = (await test.edit('GET', inZone(test, rules))) as readonly { readonly title: string }[];
    expect(list.map(({ title }) => title)).toEqual([`gates ${host}`, 'other 1']);
  });

  it.each([
    ['block', 'guard'],
    ['log', undefined],
  ])('with %s is a %s at its host', (action, step) => {
    const { spec, address } = rule({ action, configuration: 'id' });
    const effects = tokenRule.doors?.(spec as never, undefined, address) ?? [];
    expect(effects.map((effect) => effect.step)).toEqual(step === undefined ? [] : [step]);
  });
});
