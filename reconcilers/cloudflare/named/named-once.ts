import type { Kind } from '../../../src/core/objects/address.ts';
import type { Observed } from '../../../src/core/objects/object.ts';

/**
 * Objects of the account that a file names and gates never writes. If several have one name, nobody knows which one is
 * meant, so none is found by it.
 */
export function namedOnce<Spec>(
  kind: Kind,
  found: readonly { readonly key: string; readonly id: string; readonly spec: Spec }[],
): readonly Observed<Spec>[] {
  return found
    .filter(({ key }) => found.filter((other) => other.key === key).length === 1)
    .map(({ key, id, spec }) => ({
      address: { kind, key },
      id,
      owner: undefined,
      spec,
      attributes: { id },
      uses: [],
    }));
}
