import { type Compiled, compiled, ExpressionError } from '../../expressions/expression.ts';
import { type Dialect, FIELDS } from '../../expressions/fields.ts';
import type { World, Zone } from '../../state/world.ts';
import { hasApiShield, hasPlan } from '../api/entitlement.ts';

/**
 * The mistake in the expression of a rule in this zone: it does not parse, the plan lacks a field or an operator, or it
 * names the id of no token configuration. Null if there is none.
 */
export function expressionMistake(world: World, zone: Zone, text: string, dialect: Dialect): string | null {
  try {
    return useMistake(world, zone, compiled(text, dialect));
  } catch (error) {
    if (error instanceof ExpressionError) return `the expression is invalid: ${error.message}`;
    throw error;
  }
}

function useMistake(
  world: World,
  zone: Zone,
  { fields, operators, configurations }: Compiled,
): string | null {
  if (operators.has('matches') && !hasPlan(zone, 'business')) {
    return 'the use of operator Matches is not allowed, a Business plan or a WAF Advanced plan is required';
  }
  for (const name of fields) {
    const { plan, isClaim } = FIELDS[name] ?? {};
    if (plan !== undefined && !hasPlan(zone, plan)) {
      return `the use of field ${name} is not allowed, a ${plan} plan is required`;
    }
    if (isClaim === true && !hasApiShield(zone)) {
      return `the use of field ${name} is not allowed, API Shield is required`;
    }
  }
  const known = (world.tokenConfigurations ?? []).filter(({ zoneId }) => zoneId === zone.id);
  const unknown = [...configurations].find((id) => !known.some((each) => each.id === id));
  return unknown === undefined ? null : `no token configuration has the id ${unknown}`;
}
