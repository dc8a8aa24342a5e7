import { equal } from '../../../src/core/objects/equal.ts';
import { customRules, type RuleParameters, type RulesetRule } from '../rules/ruleset.ts';
import { type WafPurpose, wafPurposes } from './expression.ts';

/** The owner of a rule, and its purpose. */
export interface WafMark {
  readonly owner: string;
  readonly purpose: WafPurpose;
}

/** The mark of a rule, from its `ref`. */
export function wafMark({ ref = '' }: RulesetRule): WafMark | undefined {
  const [, owner, name] = /^gates_([a-z][a-z0-9-]{0,15})_([a-z]+)$/.exec(ref) ?? [];
  const purpose = wafPurposes.find((one) => one === name);
  return owner === undefined || purpose === undefined ? undefined : { owner, purpose };
}

/**
 * Whether a rule of the same owner answers what a `fallthrough` has to answer: its `audience` refuses every request
 * without a token, also one for something that is no operation.
 */
export function answersBefore(rule: RulesetRule, { owner, purpose }: WafMark): boolean {
  return purpose === 'fallthrough' && rule.ref === wafRef(owner, 'audience');
}

export function wafRef(owner: string, purpose: WafPurpose): string {
  return `gates_${owner}_${purpose}`;
}

/** A skip of ours skips no rule; a block of ours answers that it is ours. */
export function isAsWritten(
  purpose: WafPurpose,
  { action, action_parameters: parameters = {} }: RulesetRule,
): boolean {
  // Another action has no answer of its own, and is reported by itself.
  if (purpose !== 'skip') return action !== 'block' || equal(parameters, { response: refusalBy(purpose) });
  return Object.keys(parameters).every((name) => ['products', 'phases'].includes(name));
}

/**
 * The answer of a block of ours: a check tells it from every other 403, which says nothing of our rules (decision 0018).
 * It names no owner, so that a stranger learns nothing by it.
 */
export function refusalBy(purpose: WafPurpose): NonNullable<RuleParameters['response']> {
  return { status_code: 403, content: `${refusalWord}${purpose}\n`, content_type: 'text/plain' };
}

/** Which rule of ours answers so; undefined where none does. */
export function refusingRule(body: string): WafPurpose | undefined {
  return wafPurposes.find((purpose) => body === refusalBy(purpose).content);
}

const refusalWord = 'gates refuses this request: ';

/** A rule in front of another that skips it: all later custom rules, this ruleset, or this rule. */
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
