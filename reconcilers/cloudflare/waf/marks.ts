import { customRules, type RulesetRule } from '../rules/ruleset.ts';
import { type WafPurpose, wafPurposes } from './expression.ts';

/** Whose rule it is, and what for: that stands in its `ref`. */
export function markOf({
  ref = '',
}: RulesetRule): { readonly owner: string; readonly purpose: WafPurpose } | undefined {
  const [, owner, name] = /^gates_([a-z][a-z0-9-]{0,15})_([a-z]+)$/.exec(ref) ?? [];
  const purpose = wafPurposes.find((one) => one === name);
  return owner === undefined || purpose === undefined ? undefined : { owner, purpose };
}

export function refOf(owner: string, purpose: WafPurpose): string {
  return `gates_${owner}_${purpose}`;
}

/** A skip of ours skips no rule; a block of ours answers as Cloudflare does. */
export function isAsWritten(
  purpose: WafPurpose,
  { action_parameters: parameters = {} }: RulesetRule,
): boolean {
  const known = purpose === 'skip' ? ['products', 'phases'] : [];
  return Object.keys(parameters).every((name) => known.includes(name));
}

/** What stands before a rule and skips it: all later custom rules, this ruleset, or this rule. */
export function shadowOver(
  before: readonly RulesetRule[],
  rulesetId: string,
  { id }: RulesetRule,
): RulesetRule | undefined {
  return before.find(({ action, enabled = true, action_parameters: skips = {} }) => {
    if (action !== 'skip' || !enabled) return false;
    const rules = Object.values(skips.rules ?? {}).flat();
    return (
      skips.ruleset === 'current' ||
      skips.rulesets?.includes(rulesetId) === true ||
      skips.phases?.includes(customRules.name) === true ||
      rules.includes(id)
    );
  });
}
