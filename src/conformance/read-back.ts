import { differingFields } from '../core/equal.ts';
import type { Reconciler } from '../core/reconciler.ts';
import { type Answer, asBelieved, otherwise } from './belief.ts';

/** Compares by the product's own `drift`: what differs would be written anew with every run. */
export function compared<Spec extends object>(
  { drift = differingFields }: Pick<Reconciler<Spec>, 'drift'>,
  want: Spec,
  have: Spec,
): Answer {
  const fields = drift(want, have);
  return fields.length === 0 ? asBelieved() : otherwise(`other than written: ${fields.join(', ')}`);
}
