import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { type CacheRuleSpec, cacheRule } from '../../../../reconcilers/cloudflare/cache/cache-rule.ts';
import {
  cacheExpression,
  fitsOneRule,
  hostsIn,
} from '../../../../reconcilers/cloudflare/cache/expression.ts';
import { divide } from '../../../../reconcilers/cloudflare/cache/shares.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import type { Linked } from '../../../../src/core/objects/reference.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { zoneLookup } from '../first-zone.ts';
import { type PhaseRule, PhaseRules } from '../phase-rules.ts';

const reconcilers = [account, zone, cacheRule];
const kind = 'cloudflare/cache-rule';

function rule(host = 'app.example.dev'): DesiredObject {
  const spec: Linked<CacheRuleSpec> = {
    ...{ zone: 'example.dev', zoneId: ref('cloudflare/zone:example.dev'), host },
    ...{ action: 'set_cache_settings', enabled: true, intact: true, overruled: false },
  };
  return { address: { kind, key: host }, spec, because: 'services.app' };
}

const zoneRules = new PhaseRules('http_request_cache_settings');

const foreign = (n: number) => ({
  action: 'set_cache_settings',
  action_parameters: { cache: true },
  expression: `http.request.uri.path eq "/old-${n}"`,
  description: `old ${n}`,
});

/** A zone with room for rules, in which the file has some. */
const world = { plan: 'enterprise', scope: { cacheZones: ['example.dev'] } } as const;

contract({
  reconciler: cacheRule,
  reconcilers,
  collection: zoneRules.collection,
  world,
  desired: () => [zoneLookup, rule()],
  drifts: [
    { field: 'enabled', edit: (have, test) => zoneRules.change(have, test, { enabled: false }) },
    {
      field: 'intact',
      edit: (have, test) => zoneRules.change(have, test, { action_parameters: { cache: true } }),
    },
    { field: 'overruled', edit: (_have, test) => zoneRules.add(test, foreign(1)) },
  ],
  crowd: (test, count) =>
    zoneRules.crowd(
      test,
      Array.from({ length: count }, (_, n) => foreign(n + 1)),
    ),
  items: (reply) => (reply as { readonly rules: readonly PhaseRule[] }).rules,
  remove: (have, test) => zoneRules.remove(have, test),
});

describe('cache rules of ours', () => {
  it('are one for all hosts of a zone, and store none of their answers', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const wants = [zoneLookup, rule('b.example.dev'), rule('a.example.dev')];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect((await zoneRules.read(test)).rules).toMatchObject([
      {
        ref: 'gates_home_cache_1',
        expression: '(lower(http.host) in {"a.example.dev" "b.example.dev"})',
        action_parameters: { cache: false },
      },
    ]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('are put behind a foreign rule that stores, since the last matching rule wins', async () => {
    const test = await testWorld({ reconcilers, ...world });
    expect(failures(await test.apply([zoneLookup, rule()]))).toEqual([]);
    await zoneRules.add(test, foreign(1));
    expect(failures(await test.apply([zoneLookup, rule()]))).toEqual([]);
    expect((await zoneRules.read(test)).rules.at(-1)?.ref).toBe('gates_home_cache_1');
  });

  it('lose the one host that leaves, and go with the last', async () => {
    const test = await testWorld({ reconcilers, ...world });
    await test.apply([zoneLookup, rule('a.example.dev'), rule('b.example.dev')]);
    expect(failures(await test.apply([zoneLookup, rule('b.example.dev')]))).toEqual([]);
    expect((await zoneRules.read(test)).rules.map(({ expression }) => expression)).toEqual([
      '(lower(http.host) in {"b.example.dev"})',
    ]);
    expect(failures(await test.apply([zoneLookup]))).toEqual([]);
    expect((await zoneRules.read(test)).rules).toEqual([]);
  });

  it('are several if one cannot name all hosts', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const hosts = Array.from({ length: 250 }, (_, n) => `service-${n}.example.dev`);
    const wants = [zoneLookup, ...hosts.map(rule)];
    expect(failures(await test.apply(wants))).toEqual([]);
    const { rules } = await zoneRules.read(test);
    expect(rules.map(({ ref: name }) => name)).toEqual(['gates_home_cache_1', 'gates_home_cache_2']);
    expect(rules.flatMap(({ expression }) => hostsIn(expression).hosts).sort()).toEqual([...hosts].sort());
    expect(rules.every(({ expression }) => expression.length <= 4096)).toBe(true);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('are not created if the plan of the zone has no room', async () => {
    const test = await testWorld({ reconcilers, scope: world.scope });
    for (let n = 1; n <= 10; n += 1) await zoneRules.add(test, foreign(n));
    const before = test.lastCall();
    expect(failures(await test.apply([zoneLookup, rule()]))).toEqual([
      expect.stringContaining('The zone has as many cache rules as its plan allows'),
    ]);
    expect(test.writes(before)).toEqual([]);
  });

  it('are not read in a zone that the file never used', async () => {
    const test = await testWorld({ reconcilers, plan: 'enterprise' });
    const before = test.lastCall();
    await test.plan([zoneLookup]);
    const paths = test.sandbox.calls(before).map(({ path }) => path);
    expect(paths.filter((path) => path.includes('rulesets'))).toEqual([]);
  });
});

describe('dividing hosts among rules', () => {
  const names = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `service-${String(from + n).padStart(4, '0')}.example.dev`);
  /** The most hosts that one rule can name. */
  const most = [...Array(300).keys()].findLast((n) => fitsOneRule(names(0, n))) ?? 0;

  it('leaves each host in the rule that names it', () => {
    const standing = [
      { number: 1, hosts: names(0, most) },
      { number: 3, hosts: names(most, 2 * most - 5) },
    ];
    const { shares, left } = divide(standing, names(1, 2 * most), 10);
    expect(left).toEqual([]);
    expect(shares.map(({ number }) => number)).toEqual([1, 3]);
    for (const { number, hosts } of standing) {
      const now = shares.find((share) => share.number === number)?.hosts ?? [];
      expect(hosts.slice(1).every((host) => now.includes(host))).toBe(true);
    }
  });

  it('dissolves a rule whose hosts all fit into the others', () => {
    const standing = [
      { number: 1, hosts: names(0, most) },
      { number: 2, hosts: names(most, most + 3) },
    ];
    const { shares } = divide(standing, names(3, most + 3), 10);
    expect(shares).toEqual([{ number: 1, hosts: names(3, most + 3) }]);
  });

  it('omits, by name, the hosts for which there is no rule', () => {
    const { shares, left } = divide([], names(0, most + 2), 1);
    expect(shares.map(({ hosts }) => hosts.length)).toEqual([most]);
    expect(left).toEqual(names(most, most + 2));
  });

  it.each([
    ['another field', `${cacheExpression(['a.example.dev'])} and ssl`],
    ['a host less than it seems', '(lower(http.host) in {"a.example.dev"} and http.host ne "b.example.dev")'],
    ['no host', 'true'],
  ])('considers an expression with %s changed by hand', (_, expression) => {
    expect(hostsIn(expression).intact).toBe(false);
  });
});
