import { CUSTOM_PHASE, rulesetOf } from '../../cloudflare/rulesets/rulesets.ts';
import { operationsIn } from '../../cloudflare/shield/api-operations.ts';
import { configurationsIn } from '../../cloudflare/shield/token-configurations.ts';
import { type Compiled, compiled, ExpressionError } from '../../expressions/expression.ts';
import type { Dialect } from '../../expressions/fields.ts';
import type { RulesetRule, TokenConfiguration, TokenRule, World, Zone } from '../../state/world.ts';
import { type SavedOperation, savedOperations } from './saved-operation.ts';

/** Everything that a zone asks of a request before Access does; nothing of it is disabled. */
export interface ZoneRules {
  zone: Zone;
  custom: readonly { rule: RulesetRule; condition: Compiled }[];
  configurations: readonly TokenConfiguration[];
  /** By their position. */
  token: readonly { rule: TokenRule; condition: Compiled }[];
  operations: readonly SavedOperation[];
}

/** The zone that a host is in: the longest name that it ends in. */
export function zoneOf(world: World, host: string): Zone | undefined {
  return world.zones
    .filter(({ name }) => host === name || host.endsWith(`.${name}`))
    .sort((left, right) => right.name.length - left.name.length)[0];
}

/** Null where a zone asks nothing. A rule that no expression of ours can be made of, in a copy, asks nothing either. */
export function rulesOfZone(world: World, zone: Zone): ZoneRules | null {
  const custom = usableRules(
    (rulesetOf(world, zone.id, CUSTOM_PHASE)?.rules ?? []).filter(({ enabled }) => enabled),
    'waf',
  );
  const enabled = (world.tokenRules ?? []).filter((rule) => rule.enabled && rule.zoneId === zone.id);
  const token = usableRules(enabled, 'token-rule');
  if (custom.length === 0 && token.length === 0) return null;
  return {
    zone,
    custom,
    token,
    configurations: configurationsIn(world, zone),
    operations: savedOperations(operationsIn(world, zone)),
  };
}

/** The rules that an expression can be made of. */
export function usableRules<Rule extends { expression: string }>(
  rules: readonly Rule[],
  dialect: Dialect,
): { rule: Rule; condition: Compiled }[] {
  return rules.flatMap((rule) => {
    const condition = conditionOf(rule.expression, dialect);
    return condition === null ? [] : [{ rule, condition }];
  });
}

function conditionOf(expression: string, dialect: Dialect): Compiled | null {
  try {
    return compiled(expression, dialect);
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}
