import { CUSTOM_PHASE, rulesetOf } from '../../cloudflare/rulesets/rulesets.ts';
import { operationsIn } from '../../cloudflare/shield/api-operations.ts';
import { configurationsIn } from '../../cloudflare/shield/token-configurations.ts';
import { type Compiled, compiled, ExpressionError } from '../../expressions/expression.ts';
import type { Dialect } from '../../expressions/fields.ts';
import type { RulesetRule, TokenConfiguration, TokenRule, World, Zone } from '../../state/world.ts';
import { type SavedOperation, savedOperations } from './saved-operation.ts';

/** The enabled rules of a zone that come before Access. */
export interface ZoneRules {
  zone: Zone;
  custom: readonly { rule: RulesetRule; condition: Compiled }[];
  configurations: readonly TokenConfiguration[];
  /** In the order of their position. */
  token: readonly { rule: TokenRule; condition: Compiled }[];
  operations: readonly SavedOperation[];
}

/** The zone of a host: the longest name at its end. */
export function zoneOf(world: World, host: string): Zone | undefined {
  return world.zones
    .filter(({ name }) => host === name || host.endsWith(`.${name}`))
    .sort((left, right) => right.name.length - left.name.length)[0];
}

/** The rules of a zone; null if there are none. It omits a copy's rules with unreadable expressions. */
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

/** The rules with an expression that the sandbox can read. */
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
