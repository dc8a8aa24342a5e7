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
 * True if a rule of the same owner already answers the requests of a `fallthrough`: its `audience` rule refuses every
 * request without a token, also for paths that are not operations.
 */
export function answersBefore(rule: RulesetRule, { owner, purpose }: WafMark): boolean {
  return purpose === 'fallthrough' && rule.ref === wafRef(owner, 'audience');
}

export function wafRef(owner: string, purpose: WafPurpose): string {
  return `gates_${owner}_${purpose}`;
}

/** True if the parameters are unchanged: our skip skips no rule, and our block answers with our text. */
export function isAsWritten(
  purpose: WafPurpose,
  { action, action_parameters: parameters = {} }: RulesetRule,
): boolean {
  // Another action has no such text; it is drift of its own.
  if (purpose !== 'skip') return action !== 'block' || equal(parameters, { response: refusalBy(purpose) });
  return Object.keys(parameters).every((name) => ['products', 'phases'].includes(name));
}

/**
 * The answer of our block, by which a check recognizes it among other 403 answers (decision 0018). It names no owner,
 * so that strangers learn nothing from it.
 */
export function refusalBy(purpose: WafPurpose): NonNullable<RuleParameters['response']> {
  return { status_code: 403, content: `${refusalWord}${purpose}\n`, content_type: 'text/plain' };
}

/** The purpose of our rule with this answer; undefined if none has it. */
export function refusingRule(body: string): WafPurpose | undefined {
  return wafPurposes.find((purpose) => body === refusalBy(purpose).content);
}

const refusalWord = 'gates refuses this request: ';

/** The first earlier rule that skips this one: all later custom rules, this ruleset, or this rule. */
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
