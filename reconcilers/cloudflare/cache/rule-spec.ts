import type { RulePhase, Ruleset, RulesetRule } from '../rules/ruleset.ts';
import { hostsIn } from './expression.ts';

/**
 * One host whose answers Cloudflare must not store. Keyed by the host. All such hosts of a zone share as few cache
 * rules of ours as can name them. Foreign rules are observed with host `''`.
 */
export interface CacheRuleSpec {
  readonly zone: string;
  readonly zoneId: string;
  readonly host: string;
  readonly action: string;
  readonly enabled: boolean;
  /** The rule contains exactly what gates would write. */
  readonly intact: boolean;
  /** A later foreign rule decides whether answers are stored: the last rule that matches wins. */
  readonly overruled: boolean;
}

/** Cache rules (facts: cache; the zone's plan limits their number). */
export const cacheRules: RulePhase = {
  name: 'http_request_cache_settings',
  title: 'cache rules',
  place: 'Caching, Cache Rules',
  most: { free: 10, pro: 25, business: 50, enterprise: 300 },
};

export const cacheAction = 'set_cache_settings';

/** The owner of a rule, and its number among the owner's rules in the zone, from its `ref`. */
export function cacheMark({
  ref = '',
}: RulesetRule): { readonly owner: string; readonly number: number } | undefined {
  const [, owner, number] = /^gates_([a-z][a-z0-9-]{0,15})_cache_([1-9][0-9]*)$/.exec(ref) ?? [];
  return owner === undefined ? undefined : { owner, number: Number(number) };
}

export function cacheRef(owner: string, number: number): string {
  return `gates_${owner}_cache_${number}`;
}

/** Our rule does one thing: it makes answers ineligible for the cache. */
export function isIntact({ expression, action, action_parameters: parameters = {} }: RulesetRule): boolean {
  const { cache, ...others } = parameters;
  const isBypass = cache === false && Object.keys(others).length === 0;
  return action === cacheAction && isBypass && hostsIn(expression).intact;
}

/** True if a rule that comes after ours may store answers, if it matches. */
export function mayStore(rule: RulesetRule): boolean {
  const { action, action_parameters: { cache } = {}, enabled = true } = rule;
  return enabled && action === cacheAction && cache !== false;
}

/** True if a later foreign rule may overrule this one. */
export function isOverruled({ rules }: Pick<Ruleset, 'rules'>, rule: RulesetRule): boolean {
  return rules
    .slice(rules.indexOf(rule) + 1)
    .some((other) => cacheMark(other) === undefined && mayStore(other));
}
