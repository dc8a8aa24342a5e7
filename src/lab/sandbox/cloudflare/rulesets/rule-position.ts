import type { JsonObject } from '../../state/world.ts';
import type { CloudflareApiError } from '../api/reply.ts';

/**
 * The rules with this one moved to a position: `{ index }` counts from 1, `{ before: id }` and `{ after: id }` refer to
 * another rule, and with an empty id to all. Anything else is `refused`.
 */
export function moved<Rule extends { id: string }>(
  rules: readonly Rule[],
  rule: Rule,
  position: JsonObject | undefined,
  refused: (message: string) => CloudflareApiError,
): Rule[] {
  if (position === undefined) return [...rules];
  const others = rules.filter((each) => each !== rule);
  const at = placeAmong(others, position);
  if (at === null)
    throw refused(`the position ${JSON.stringify(position)} is none among ${rules.length} rules`);
  return others.toSpliced(at, 0, rule);
}

function placeAmong(others: readonly { id: string }[], position: JsonObject): number | null {
  const [[name = '', value = null] = [], ...more] = Object.entries(position);
  if (more.length > 0) return null;
  if (name === 'index' && typeof value === 'number' && Number.isInteger(value)) {
    return value >= 1 && value <= others.length + 1 ? value - 1 : null;
  }
  if (name === 'before' && value === '') return 0;
  if (name === 'after' && value === '') return others.length;
  const at = others.findIndex(({ id }) => id === value);
  if (at < 0 || (name !== 'before' && name !== 'after')) return null;
  return name === 'before' ? at : at + 1;
}
