import { describe, expect, it } from 'vitest';
import {
  type TokenConfigurationSpec,
  tokenConfiguration,
} from '../../../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import {
  configuration,
  curveKey,
  host,
  lookups,
  rsaKey,
  rule,
  shieldReconcilers,
  shieldWorld,
} from '../api-shield.ts';
import { inZone } from '../first-zone.ts';

const configs = 'token_validation/config';

contract({
  reconciler: tokenConfiguration,
  reconcilers: shieldReconcilers,
  collection: '/zones/*/token_validation/config',
  world: shieldWorld,
  desired: () => [...lookups, configuration()],
  drifts: [
    {
      field: 'title',
      edit: ({ id }, test) => test.edit('PATCH', inZone(test, `${configs}/${id}`), { title: 'mine' }),
    },
    {
      field: 'sources',
      edit: ({ id }, test) =>
        test.edit('PATCH', inZone(test, `${configs}/${id}`), {
          token_sources: ['http.request.cookies["t"][0]'],
        }),
    },
    {
      field: 'keys',
      edit: ({ id }, test) =>
        test.edit('PUT', inZone(test, `${configs}/${id}/credentials`), { keys: [curveKey] }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', inZone(test, configs), {
        title: `other ${n}`,
        description: n === 1 ? 'gates:lab/other.example.dev; keys of other' : '',
        token_sources: ['http.request.headers["x-auth"][0]'],
        token_type: 'JWT',
        credentials: { keys: [curveKey] },
      });
    }
    return inZone(test, configs);
  },
  remove: ({ id }, test) => test.edit('DELETE', inZone(test, `${configs}/${id}`)),
});

describe('a token configuration', () => {
  it('keeps its id when its keys change, and rules that name it stay valid', async () => {
    const test = await testWorld({ reconcilers: shieldReconcilers, ...shieldWorld });
    expect(failures(await test.apply([...lookups, configuration(), rule()]))).toEqual([]);
    const [before] = await test.read(tokenConfiguration);
    const leaving = { '2011-04-29': '2026-12-01T00:00:00Z' };
    const wants = [...lookups, configuration({ keys: [curveKey, rsaKey], leaving }), rule()];
    expect(failures(await test.apply(wants))).toEqual([]);
    const [after] = await test.read(tokenConfiguration);
    expect(after).toMatchObject({ id: before?.id, spec: { leaving, keySet: 'api' } });
    expect(after?.spec.keys.map(({ kid }) => kid).sort()).toEqual(['1', '2011-04-29']);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it.each([
    { because: 'the end of a key has come', drift: ['keys', 'leaving'], keys: [rsaKey], foreseen: true },
    { because: 'a key has no end yet', drift: ['leaving'], leaving: { 1: '2026-12-02T00:00:00Z' } },
    { because: 'a key is new', drift: ['keys'], keys: [rsaKey, { ...curveKey, kid: 'new' }] },
    { because: 'another key has the name', drift: ['keys'], keys: [{ ...rsaKey, n: 'other' }] },
    { because: 'somebody gave it another title', drift: ['keys', 'title'], keys: [rsaKey] },
    { because: 'the set is not known', drift: ['leaving'], keys: undefined },
  ])('changes by time alone: $foreseen, because $because', ({ drift, foreseen = false, ...want }) => {
    const spec = configuration({ keys: [rsaKey, curveKey] }).spec as TokenConfigurationSpec;
    const { address } = configuration();
    const have = { address, id: 'id', owner: 'home', attributes: {}, uses: [], spec };
    const wanted = { ...spec, leaving: {}, ...want } as unknown as TokenConfigurationSpec;
    expect(tokenConfiguration.foreseen?.(drift, wanted, have)).toBe(foreseen);
  });

  it('is not created without keys: the set has none that can be read', async () => {
    const test = await testWorld({ reconcilers: shieldReconcilers, ...shieldWorld });
    const want = configuration({ keys: undefined, leaving: undefined });
    expect(failures(await test.apply([...lookups, want, rule()]))).toEqual([
      `create cloudflare/token-configuration:${host}: failed: The keys that sign the tokens are not known. See whether the key set can be read from here, and has keys; the next run looks again`,
      `create cloudflare/token-rule:${host}: skipped: waits for: create cloudflare/token-configuration:${host}`,
    ]);
  });

  it('is absent and impossible if the zone is not entitled', async () => {
    const test = await testWorld({ reconcilers: shieldReconcilers, scope: shieldWorld.scope });
    const plan = await test.plan([...lookups, configuration(), rule()]);
    expect(plan.unknown).toEqual([]);
    expect(pending(plan).map(({ verb, address, reason }) => [verb, address.kind, reason])).toContainEqual([
      'refuse',
      'cloudflare/api-shield',
      'buy it',
    ]);
    const before = test.lastCall();
    await test.carryOut(plan);
    expect(test.writes(before)).toEqual([]);
  });
});
