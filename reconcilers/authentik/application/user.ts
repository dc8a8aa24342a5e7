import type { Reconciler } from '../../../src/core/reconciler.ts';
import { listAuthentik } from '../reading/api.ts';
import { binding } from './binding.ts';

/** A person with an account, whom gates only finds. Keyed by the user name. Attribute `id`. */
interface UserReply {
  readonly pk: number;
  readonly username: string;
}

const kind = 'authentik/user';

/** Reads the users that bindings name, and of all others only those of the file: an Authentik may have thousands. */
export const user: Reconciler<object> = {
  kind,
  title: 'user',
  unmarked: true,

  async observe(world) {
    const named = world.scope.authentik?.users;
    if (named === undefined) return [];
    const bindings = await world.read(binding);
    const found = new Map<string, string>();
    for (const { spec, attributes } of bindings)
      if (attributes.username !== undefined) found.set(attributes.username, spec.user);
    const names = named.filter((name) => !found.has(name));
    const replies = (await Promise.all(
      names.map((username) => listAuthentik(world, '/core/users/', { username })),
    )) as readonly (readonly UserReply[])[];
    // The filter is exact; a server that ignored it must not bind another person.
    for (const [index, list] of replies.entries())
      for (const { pk, username } of list) if (username === names[index]) found.set(username, String(pk));
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
