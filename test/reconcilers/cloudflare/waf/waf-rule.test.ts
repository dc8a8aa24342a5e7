import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { type WafRuleSpec, wafRule, wafRuleKey } from '../../../../reconcilers/cloudflare/waf/waf-rule.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import type { Linked } from '../../../../src/core/objects/reference.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { curveKey, inZone } from '../api-shield.ts';

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

/** The lookup that the file always depends on. */
const lookup: DesiredObject = {
  address: { kind: 'cloudflare/zone', key: 'example.dev' },
  spec: { status: 'active' },
  mustExist: 'add the zone',
  because: 'cloudflare.zones',
};

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

interface Rule {
  readonly id: string;
  readonly ref: string;
  readonly expression: string;
  readonly action: string;
}

const entrypoint = (test: TestWorld) =>
  `/zones/${test.sandbox.zones[0]?.id}/rulesets/phases/http_request_firewall_custom/entrypoint`;
const read = (test: TestWorld) =>
  test.edit('GET', entrypoint(test)) as Promise<{ readonly id: string; readonly rules: readonly Rule[] }>;

async function change(have: Observed<WafRuleSpec>, test: TestWorld, changes: object): Promise<unknown> {
  const { id } = await read(test);
  const { id: ruleId, version, last_updated, ...raw } = have.raw as Rule & Record<string, unknown>;
  const rules = `/zones/${test.sandbox.zones[0]?.id}/rulesets/${id}/rules/${ruleId}`;
  return test.edit('PATCH', rules, { ...raw, ...changes });
}

/** Adds a foreign rule, in front of all or at the end. */
async function add(test: TestWorld, given: object): Promise<void> {
  const zoneId = test.sandbox.zones[0]?.id;
  try {
    const { id } = await read(test);
    await test.edit('POST', `/zones/${zoneId}/rulesets/${id}/rules`, given);
  } catch {
    await test.edit('PUT', entrypoint(test), { rules: [given] });
  }
}

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
  collection: '/zones/*/rulesets/phases/http_request_firewall_custom/entrypoint',
  world,
  desired: () => [lookup, rule(), skip()],
  drifts: [
    { field: 'enabled', edit: (have, test) => change(have, test, { enabled: false }) },
    {
      field: 'action',
      edit: (have, test) => change(have, test, { action: 'managed_challenge', action_parameters: {} }),
    },
    { field: 'intact', edit: (have, test) => change(have, test, { action_parameters: {} }) },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) await add(test, foreign(n));
    return entrypoint(test);
  },
  items: (reply) => (reply as { readonly rules: readonly Rule[] }).rules,
  async remove(have, test) {
    const { id } = await read(test);
    return test.edit(
      'DELETE',
      `/zones/${test.sandbox.zones[0]?.id}/rulesets/${id}/rules/${have.attributes.id}`,
    );
  },
});
describe('a WAF rule of ours', () => {
  it('is one for all hosts of a purpose', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [lookup, rule(), rule({ host: 'b.example.dev' })];
    expect(failures(await test.apply(wants))).toEqual([]);
    const { rules } = await read(test);
    expect(rules.map((item) => item.ref)).toEqual(['gates_home_fallthrough']);
    expect(pending(await test.plan(wants))).toEqual([]);
    expect(failures(await test.apply([lookup, rule()]))).toEqual([]);
    expect((await read(test)).rules.map(({ expression }) => expression)).toEqual([
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
    await add(test, skips);
    const wants = [lookup, rule(), skip()];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    const order = (await read(test)).rules.map(({ ref: name }) => name);
    const isPassedBy = 'ruleset' in parameters;
    expect(order.indexOf('gates_home_fallthrough') === 0).toBe(isPassedBy);
    expect(order.at(-1)).toBe(isPassedBy ? 'gates_home_skip' : 'gates_home_fallthrough');
  });

  it('behind a new foreign rule of that sort is found bypassed, and is put in front again', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [lookup, rule()];
    expect(failures(await test.apply(wants))).toEqual([]);
    const skips = {
      action: 'skip',
      action_parameters: { ruleset: 'current' },
      expression: 'ip.src eq 203.0.113.7',
    };
    await add(test, { ...skips, description: 'mine', position: { index: 1 } });
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
    expect(failures(await test.apply([lookup, ...atFirst(wants)]))).toEqual([]);
    expect(failures(await test.apply([lookup, ...wants]))).toEqual([]);
    const refs = async () => (await read(test)).rules.map((item) => item.ref);
    expect(await refs()).toEqual(['gates_home_fallthrough', 'gates_home_audience']);

    const [, second] = await test.read(wafRule);
    if (second === undefined) throw new Error('the rule is gone');
    await change(second, test, { position: { index: 1 } });
    expect(await refs()).toEqual(['gates_home_audience', 'gates_home_fallthrough']);
    const [moved, ...others] = pending(await test.plan([lookup, ...wants]));
    expect(others).toEqual([]);
    expect(moved?.drift.map(({ field }) => field)).toEqual(['ahead']);
    expect(moved?.doors).toEqual([{ host, step: 'change' }]);
    expect(failures(await test.apply([lookup, ...wants]))).toEqual([]);
    expect(await refs()).toEqual(['gates_home_fallthrough', 'gates_home_audience']);
    expect(pending(await test.plan([lookup, ...wants]))).toEqual([]);
  });

  it('whose expression a person rewrote is restored, for every host', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [lookup, rule(), rule({ host: 'b.example.dev' })];
    expect(failures(await test.apply(wants))).toEqual([]);
    const [before] = (await read(test)).rules;
    for (const expression of [
      'http.host eq "api.example.dev"',
      `${before?.expression} and ip.src ne 203.0.113.7`,
    ]) {
      const [have] = await test.read(wafRule);
      if (have === undefined) throw new Error('the rule is gone');
      await change(have, test, { expression });
      expect(failures(await test.apply(wants))).toEqual([]);
      expect(failures(await test.apply(wants))).toEqual([]);
      expect((await read(test)).rules.map((item) => item.expression)).toEqual([before?.expression]);
      expect(pending(await test.plan(wants))).toEqual([]);
    }
  });

  it('is not created if the plan of the zone has no room', async () => {
    const test = await testWorld({ reconcilers, scope: world.scope });
    for (let n = 1; n <= 5; n += 1) await add(test, foreign(n));
    const before = test.lastCall();
    expect(failures(await test.apply([lookup, skip()]))).toEqual([
      expect.stringContaining('The zone has as many WAF rules as its plan allows'),
    ]);
    expect(test.writes(before)).toEqual([]);
  });
});
