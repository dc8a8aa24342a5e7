import { differingFields } from '../core/objects/equal.ts';
import type { Observed } from '../core/objects/object.ts';
import type { Reconciler } from '../core/reconciler.ts';
import { type Answer, asBelieved, otherwise } from './belief.ts';
import type { Lab } from './lab.ts';

/** Compares by the product's own `drift`: every run would rewrite a field that differs. */
export function compared<Spec extends object>(
  { drift = differingFields }: Pick<Reconciler<Spec>, 'drift'>,
  want: Spec,
  have: Spec,
): Answer {
  const fields = drift(want, have);
  return fields.length === 0 ? asBelieved() : otherwise(`other than written: ${fields.join(', ')}`);
}

/** Writes, reads and compares; then writes the read values over it, and compares again. */
export async function readsBack<Spec extends object>(
  lab: Lab,
  reconciler: Reconciler<Spec>,
  key: string,
  want: Spec,
): Promise<Answer> {
  const have: Observed<Spec> = await lab.make(reconciler, key, want);
  const first = compared(reconciler, want, have.spec);
  if (first.state !== 'as believed') return first;
  return compared(reconciler, want, (await lab.change(reconciler, have, have.spec)).spec);
}
