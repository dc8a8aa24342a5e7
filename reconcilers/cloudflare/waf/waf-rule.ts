import type { AddressId } from '../../../src/core/objects/address.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { customRules, idsIn, type Ruleset, type RulesetRule, readRuleset } from '../rules/ruleset.ts';
import { zonesOfOurs } from '../rules/zones.ts';
import { entriesIn } from './expression.ts';
import { answersBefore, isAsWritten, shadowOver, wafMark } from './marks.ts';
import { closes, type WafRuleSpec, wafRuleKey } from './rule-spec.ts';
import { writeWafRules } from './write-rules.ts';

export { type WafRuleSpec, wafRuleKey } from './rule-spec.ts';

const kind = 'cloudflare/waf-rule';

const compared = ['action', 'enabled', 'intact', 'shadowed', 'ahead', 'audience', 'configuration'] as const;

export const wafRule: Reconciler<WafRuleSpec> = {
  kind,
  title: 'WAF rule',

  async observe(world) {
    const zones = await zonesOfOurs(world, 'waf-rule', world.scope.wafZones ?? []);
    const found = await Promise.all(
      zones.map(async ({ id, name }) => observedIn(await readRuleset(world, id, customRules), id, name)),
    );
    return found.flat();
  },

  drift(want, have) {
    const fields: string[] = compared.filter(
      (field) => want[field] !== undefined && want[field] !== have[field],
    );
    for (const list of ['products', 'phases'] as const) {
      if (want[list] !== undefined && !equal([...want[list]].sort(), have[list])) fields.push(list);
    }
    return fields;
  },

  doors(want, have, address) {
    const { purpose, host = '' } = want ?? have?.spec ?? {};
    // A rule that exempts machines from a challenge admits nobody through a gate.
    if (
      purpose === 'skip' ||
      purpose === 'other' ||
      address.key !== wafRuleKey({ purpose: String(purpose), host: String(host) })
    )
      return [];
    const before = have !== undefined && closes(have.spec);
    if (want === undefined) return [{ host: String(host), step: 'unguard', first: true }];
    return [{ host: String(host), step: before ? 'change' : 'guard' }];
  },

  write: writeWafRules,
};

function observedIn(
  ruleset: Ruleset | undefined,
  zoneId: string,
  name: string,
): readonly Observed<WafRuleSpec>[] {
  const place = { document: ruleset?.id ?? '' };
  return (ruleset?.rules ?? []).flatMap((rule, index, rules) => {
    const mark = wafMark(rule);
    const shadowed =
      mark !== undefined && shadowOver(rules.slice(0, index), ruleset?.id ?? '', rule) !== undefined;
    const { action, action_parameters: { products = [], phases = [] } = {}, enabled = true } = rule;
    const base = {
      ...{ zone: name, zoneId, action, enabled },
      ...(action === 'skip' && { products: [...products].sort(), phases: [...phases].sort() }),
    };
    if (mark === undefined) {
      const spec = { ...base, purpose: 'other' as const, host: '', intact: true, shadowed: false };
      return [
        observed(rule, spec, {
          ...place,
          owner: undefined,
          key: `${name} ${rule.ref ?? rule.id}`,
          id: rule.id,
        }),
      ];
    }
    const { owner, purpose } = mark;
    const read = entriesIn(purpose, rule.expression);
    const intact = read.intact && isAsWritten(purpose, rule);
    const ahead = !rules.slice(0, index).some((one) => answersBefore(one, mark));
    const own = read.entries.map((entry) => {
      const spec = {
        ...{ ...base, ...entry, purpose, intact, shadowed: purpose !== 'skip' && shadowed },
        ...(purpose === 'fallthrough' && { ahead }),
      };
      return observed(rule, spec, { ...place, owner, key: wafRuleKey(spec), id: `${rule.id} ${entry.host}` });
    });
    if (own.length > 0) return own;
    // A rule of ours that no longer names a host.
    const spec = { ...base, purpose, host: '', intact: false, shadowed: false };
    return [observed(rule, spec, { ...place, owner, key: `${purpose} of ${name}`, id: rule.id })];
  });
}

function observed(
  rule: RulesetRule,
  spec: WafRuleSpec,
  {
    owner,
    key,
    ...place
  }: {
    readonly owner: string | undefined;
    readonly key: string;
    readonly id: string;
    readonly document: string;
  },
): Observed<WafRuleSpec> {
  const { host, purpose, configuration } = spec;
  const guardedBy: readonly AddressId[] = [
    `cloudflare/token-configuration:${host}`,
    `cloudflare/token-rule:${host}`,
  ];
  return {
    address: { kind, key },
    ...place,
    owner,
    spec,
    attributes: { id: rule.id },
    // A rule of others may name a configuration of ours, which Cloudflare then does not remove.
    uses: owner === undefined ? idsIn(rule.expression) : [configuration ?? []].flat(),
    // The rule outlives what API Shield has of ours, so that a later run knows that something remains.
    ...(purpose === 'fallthrough' && { outlives: guardedBy }),
    raw: rule,
  };
}
