import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { type WafRuleSpec, wafRule, wafRuleKey } from '../../../../reconcilers/cloudflare/waf/waf-rule.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import type { Linked } from '../../../../src/core/objects/reference.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { curveKey } from '../api-shield.ts';
import { inZone, zoneLookup } from '../first-zone.ts';
import { type PhaseRule, PhaseRules } from '../phase-rules.ts';

const reconcilers = [account, zone, wafRule];
const kind = 'cloudflare/waf-rule';
const host = 'api.example.dev';

function rule(changes: Partial<Linked<WafRuleSpec>> = {}): DesiredObject {
  const spec: Linked<WafRuleSpec> = {
    ...{ zone: 'example.dev', zoneId: ref('cloudflare/zone:example.dev'), purpose: 'fallthrough', host },
    ...{ action: 'block', enabled: true, intact: true, shadowed: false },
    ...changes,
  };
  return { address: { kind, key: wafRuleKey(spec as WafRuleSpec) }, spec, because: 'services.api' };
}

const skip = (changes: Partial<Linked<WafRuleSpec>> = {}) =>
  rule({ purpose: 'skip', action: 'skip', products: ['bic'], phases: ['http_request_sbfm'], ...changes });

async function audienceRule(test: TestWorld): Promise<DesiredObject> {
  const keys = [{ ...curveKey }];
  const { id } = (await test.edit('POST', inZone(test, 'token_validation/config'), {
    ...{ title: 'api', description: '', token_type: 'JWT', credentials: { keys } },
    token_sources: ['http.request.headers["authorization"][0]'],
  })) as { readonly id: string };
  return rule({ purpose: 'audience', audience: 'mine', configuration: id });
}

const zoneRules = new PhaseRules('http_request_firewall_custom');

const foreign = (n: number) => ({
  action: 'block',
  expression: `http.request.uri.path eq "/old-${n}"`,
  description: `old ${n}`,
});

/** A zone with room for rules, in which the file has some. */
const world = { plan: 'enterprise', scope: { wafZones: ['example.dev'] } } as const;

contract({
  reconciler: wafRule,
  reconcilers,
  collection: zoneRules.collection,
  world,
  desired: () => [zoneLookup, rule(), skip()],
  drifts: [
    { field: 'enabled', edit: (have, test) => zoneRules.change(have, test, { enabled: false }) },
    {
      field: 'action',
      edit: (have, test) =>
        zoneRules.change(have, test, { action: 'managed_challenge', action_parameters: {} }),
    },
    { field: 'intact', edit: (have, test) => zoneRules.change(have, test, { action_parameters: {} }) },
  ],
  crowd: (test, count) =>
    zoneRules.crowd(
      test,
      Array.from({ length: count }, (_, n) => foreign(n + 1)),
    ),
  items: (reply) => (reply as { readonly rules: readonly PhaseRule[] }).rules,
  remove: (have, test) => zoneRules.remove(have, test),
});

describe('a WAF rule of ours', () => {
  it('is one for all hosts of a purpose', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [zoneLookup, rule(), rule({ host: 'b.example.dev' })];
    expect(failures(await test.apply(wants))).toEqual([]);
    const { rules } = await zoneRules.read(test);
    expect(rules.map((item) => item.ref)).toEqual(['gates_home_fallthrough']);
    expect(pending(await test.plan(wants))).toEqual([]);
    expect(failures(await test.apply([zoneLookup, rule()]))).toEqual([]);
    expect((await zoneRules.read(test)).rules.map(({ expression }) => expression)).toEqual([
      '((lower(http.host) eq "api.example.dev" or starts_with(lower(http.host), "api.example.dev:")) and cf.api_gateway.fallthrough_detected)',
    ]);
  });

  it.each([
    ['all later custom rules', { ruleset: 'current' }],
    ['the phase', { phases: ['http_request_firewall_managed'] }],
  ])('is put in front of a foreign rule that skips %s, if that would skip ours', async (_, parameters) => {
    const test = await testWorld({ reconcilers, ...world });
    const skips = {
      action: 'skip',
      action_parameters: parameters,
      expression: 'ip.src eq 203.0.113.7',
      description: 'mine',
    };
    await zoneRules.add(test, skips);
    const wants = [zoneLookup, rule(), skip()];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    const order = (await zoneRules.read(test)).rules.map(({ ref: name }) => name);
    const isPassedBy = 'ruleset' in parameters;
    expect(order.indexOf('gates_home_fallthrough') === 0).toBe(isPassedBy);
    expect(order.at(-1)).toBe(isPassedBy ? 'gates_home_skip' : 'gates_home_fallthrough');
  });

  it('behind a new foreign rule of that sort is found bypassed, and is put in front again', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [zoneLookup, rule()];
    expect(failures(await test.apply(wants))).toEqual([]);
    const skips = {
      action: 'skip',
      action_parameters: { ruleset: 'current' },
      expression: 'ip.src eq 203.0.113.7',
    };
    await zoneRules.add(test, { ...skips, description: 'mine', position: { index: 1 } });
    const [change] = pending(await test.plan(wants));
    expect(change?.drift.map(({ field }) => field)).toEqual(['shadowed']);
    expect(change?.doors).toEqual([{ host, step: 'guard' }]);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it.each([
    ['asked for together', (wants: readonly DesiredObject[]) => wants],
    ['asked for later', ([first]: readonly DesiredObject[]) => (first === undefined ? [] : [first])],
  ])('about operations comes before the one about the audience, %s', async (_, atFirst) => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [await audienceRule(test), rule({ ahead: true })];
    expect(failures(await test.apply([zoneLookup, ...atFirst(wants)]))).toEqual([]);
    expect(failures(await test.apply([zoneLookup, ...wants]))).toEqual([]);
    const refs = async () => (await zoneRules.read(test)).rules.map((item) => item.ref);
    expect(await refs()).toEqual(['gates_home_fallthrough', 'gates_home_audience']);

    const [, second] = await test.read(wafRule);
    if (second === undefined) throw new Error('the rule is gone');
    await zoneRules.change(second, test, { position: { index: 1 } });
    expect(await refs()).toEqual(['gates_home_audience', 'gates_home_fallthrough']);
    const [moved, ...others] = pending(await test.plan([zoneLookup, ...wants]));
    expect(others).toEqual([]);
    expect(moved?.drift.map(({ field }) => field)).toEqual(['ahead']);
    expect(moved?.doors).toEqual([{ host, step: 'change' }]);
    expect(failures(await test.apply([zoneLookup, ...wants]))).toEqual([]);
    expect(await refs()).toEqual(['gates_home_fallthrough', 'gates_home_audience']);
    expect(pending(await test.plan([zoneLookup, ...wants]))).toEqual([]);
  });

  it('whose expression a person rewrote is restored, for every host', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [zoneLookup, rule(), rule({ host: 'b.example.dev' })];
    expect(failures(await test.apply(wants))).toEqual([]);
    const [before] = (await zoneRules.read(test)).rules;
    for (const expression of [
      'http.host eq "api.example.dev"',
      `${before?.expression} and ip.src ne 203.0.113.7`,
    ]) {
      const [have] = await test.read(wafRule);
      if (have === undefined) throw new Error('the rule is gone');
      await zoneRules.change(have, test, { expression });
      expect(failures(await test.apply(wants))).toEqual([]);
      expect(failures(await test.apply(wants))).toEqual([]);
      expect((await zoneRules.read(test)).rules.map((item) => item.expression)).toEqual([before?.expression]);
      expect(pending(await test.plan(wants))).toEqual([]);
    }
  });

  it('is not created if the plan of the zone has no room', async () => {
    const test = await testWorld({ reconcilers, scope: world.scope });
    for (let n = 1; n <= 5; n += 1) await zoneRules.add(test, foreign(n));
    const before = test.lastCall();
    expect(failures(await test.apply([zoneLookup, skip()]))).toEqual([
      expect.stringContaining('The zone has as many WAF rules as its plan allows'),
    ]);
    expect(test.writes(before)).toEqual([]);
  });
});
