import type { Part } from '../../src/core/objects/part.ts';
import { placeFor, shadowOf } from '../cloudflare/ingress/entry.ts';

/**
 * The place of a rule among the others of its tunnel, as a write of gates leaves it; any other part goes last. A rule
 * keeps the place that it `had`, unless an earlier rule takes its requests.
 */
export function placeInTunnel(others: readonly Part[], part: Part, had?: number): number {
  if (part.part !== 'tunnel-rule') return others.length;
  const rules = others.filter((other) => other.part === 'tunnel-rule');
  if (had !== undefined && shadowOf(rules.toSpliced(had, 0, part), had) === undefined) return had;
  return placeFor(rules, part);
}
