import type { Reconciler } from '../../../src/core/reconciler.ts';
import { listAuthentik } from '../reading/api.ts';

/** A person with an account, whom gates only finds. Keyed by the user name. Attribute `id`. */
interface UserReply {
  readonly pk: number;
  readonly username: string;
}

const kind = 'authentik/user';

/** Only the users that the file names are read: an Authentik may have thousands. */
export const user: Reconciler<object> = {
  kind,
  title: 'user',
  unmarked: true,

  async observe(world) {
    const names = world.scope.authentik?.users ?? [];
    const replies = (await Promise.all(
      names.map((username) => listAuthentik(world, '/core/users/', { username })),
    )) as readonly (readonly UserReply[])[];
    // The filter is exact; a server that ignored it must not bind another person.
    return replies
      .flatMap((found, index) => found.filter(({ username }) => username === names[index]))
      .map(({ pk, username }) => ({
        address: { kind, key: username },
        id: String(pk),
        owner: undefined,
        spec: {},
        attributes: { id: String(pk) },
        uses: [],
      }));
  },
};
