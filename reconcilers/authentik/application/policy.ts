import type { Reconciler } from '../../../src/core/reconciler.ts';
import { listAuthentik } from '../reading/api.ts';
import { binding } from './binding.ts';

/** A policy of any type, which gates only finds. Keyed by its name, which Authentik gives once. Attribute `id`. */
interface PolicyReply {
  readonly pk: string;
  readonly name: string;
}

const kind = 'authentik/policy';

/** Reads the policies that bindings name, and of all others only those of the file. */
export const policy: Reconciler<object> = {
  kind,
  title: 'policy',
  unmarked: true,

  async observe(world) {
    const named = world.scope.authentik?.policies;
    if (named === undefined) return [];
    const found = new Map<string, string>();
    for (const { spec, attributes } of await world.read(binding))
      if (attributes.policy !== undefined) found.set(attributes.policy, spec.policy ?? '');
    const names = named.filter((name) => !found.has(name));
    const replies = (await Promise.all(
      names.map((search) => listAuthentik(world, '/policies/all/', { search })),
    )) as readonly (readonly PolicyReply[])[];
    // The search finds every name that contains these words.
    for (const [index, list] of replies.entries())
      for (const { pk, name } of list) if (name === names[index]) found.set(name, pk);
    return [...found].map(([key, id]) => ({
      address: { kind, key },
      id,
      owner: undefined,
      spec: {},
      attributes: { id },
      uses: [],
    }));
  },
};
