import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { type Ruleset, readRuleset } from '../rules/ruleset.ts';
import { zonesOfOurs } from '../rules/zones.ts';
import { hostsIn } from './expression.ts';
import { type CacheRuleSpec, cacheMark, cacheRules, isIntact, isOverruled } from './rule-spec.ts';
import { writeCacheRules } from './write-rules.ts';

export type { CacheRuleSpec } from './rule-spec.ts';

const kind = 'cloudflare/cache-rule';

const compared = ['action', 'enabled', 'intact', 'overruled'] as const;

export const cacheRule: Reconciler<CacheRuleSpec> = {
  kind,
  title: 'cache rule',
  traits: { usesNothing: true },

  async observe(world) {
    const zones = await zonesOfOurs(world, 'cache-rule', world.scope.cacheZones ?? []);
    const found = await Promise.all(
      zones.map(async ({ id, name }) => observedIn(await readRuleset(world, id, cacheRules), id, name)),
    );
    return found.flat();
  },

  drift: (want, have) => compared.filter((field) => want[field] !== undefined && want[field] !== have[field]),

  doors(want, have) {
    const { host = '' } = want ?? have?.spec ?? {};
    if (host === '') return [];
    // Once answers are stored, whoever passes the edge at a path that has lost its gate gets copies, without the tunnel.
    const effect = { host: String(host), step: 'unguard', last: true } satisfies DoorEffect;
    return [want === undefined ? effect : { host: String(host), step: 'guard' }];
  },

  write: writeCacheRules,
};

function observedIn(
  ruleset: Ruleset | undefined,
  zoneId: string,
  name: string,
): readonly Observed<CacheRuleSpec>[] {
  const seen = new Set<string>();
  return (ruleset?.rules ?? []).flatMap((rule) => {
    const { owner } = cacheMark(rule) ?? {};
    const { action, enabled = true, ref, id } = rule;
    const base = { zone: name, zoneId, action, enabled };
    const overruled = ruleset !== undefined && isOverruled(ruleset, rule);
    const observed = (host: string, key: string): Observed<CacheRuleSpec> => ({
      address: { kind, key },
      id: host === '' ? id : `${id} ${host}`,
      ...(ruleset !== undefined && { document: ruleset.id }),
      owner,
      spec: { ...base, host, intact: isIntact(rule), overruled },
      attributes: { id },
      uses: [],
      raw: rule,
    });
    if (owner === undefined) return [observed('', `${name} ${ref ?? id}`)];
    // A host that a crash left in two of our rules is one object: that of the first rule.
    const hosts = hostsIn(rule.expression).hosts.filter((host) => !seen.has(`${owner} ${host}`));
    for (const host of hosts) seen.add(`${owner} ${host}`);
    return hosts.map((host) => observed(host, host));
  });
}
