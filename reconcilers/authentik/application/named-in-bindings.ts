import type { Kind } from '../../../src/core/objects/address.ts';
import type { AuthentikScope, Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { binding } from './binding.ts';

/** A kind of objects that bindings name and that gates only finds. */
export interface NamedInBindings {
  readonly kind: Kind;
  readonly title: string;
  /** The names in the file; undefined: it names none, and nothing is read. */
  named(scope: AuthentikScope): readonly string[] | undefined;
  /** The name and the id of the object that a binding names. */
  boundBy(
    row: Observed<{ readonly user: string; readonly policy?: string }>,
  ): readonly [string | undefined, string];
  /** Asks the API for a name: pairs of a name and an id, perhaps of other objects too. */
  search(world: World, name: string): Promise<readonly (readonly [string, string])[]>;
}

/**
 * Reads the objects that bindings name, and of all others only those of the file: an Authentik may have thousands. Keyed
 * by the exact name, attribute `id`.
 */
export function namedInBindings({
  kind,
  title,
  named,
  boundBy,
  search,
}: NamedInBindings): Reconciler<object> {
  return {
    kind,
    title,
    traits: { unmarked: true },

    async observe(world) {
      const asked = world.scope.authentik && named(world.scope.authentik);
      if (asked === undefined) return [];
      const found = new Map<string, string>();
      for (const row of await world.read(binding)) {
        const [name, id] = boundBy(row);
        if (name !== undefined) found.set(name, id);
      }
      const missing = asked.filter((name) => !found.has(name));
      const replies = await Promise.all(missing.map((name) => search(world, name)));
      // A search may find every name that contains this one, or ignore it.
      for (const [index, pairs] of replies.entries())
        for (const [name, id] of pairs) if (name === missing[index]) found.set(name, id);
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
}
