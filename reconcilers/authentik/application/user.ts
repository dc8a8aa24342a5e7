import { listAuthentik } from '../reading/api.ts';
import { namedInBindings } from './named-in-bindings.ts';

interface UserReply {
  readonly pk: number;
  readonly username: string;
}

/** A person with an account, whom gates only finds. Keyed by the user name. Attribute `id`. */
export const user = namedInBindings({
  kind: 'authentik/user',
  title: 'user',
  named: ({ users }) => users,
  boundBy: ({ spec, attributes }) => [attributes.username, spec.user],

  async search(world, username) {
    const replies = (await listAuthentik(world, '/core/users/', { username })) as readonly UserReply[];
    return replies.map((reply) => [reply.username, String(reply.pk)]);
  },
});
