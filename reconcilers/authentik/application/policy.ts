import { listAuthentik } from '../reading/api.ts';
import { namedInBindings } from './named-in-bindings.ts';

interface PolicyReply {
  readonly pk: string;
  readonly name: string;
}

/** A policy of any type, which gates only finds. Keyed by its name, which Authentik gives once. Attribute `id`. */
export const policy = namedInBindings({
  kind: 'authentik/policy',
  title: 'policy',
  named: ({ policies }) => policies,
  boundBy: ({ spec, attributes }) => [attributes.policy, spec.policy ?? ''],

  async search(world, name) {
    const replies = (await listAuthentik(world, '/policies/all/', {
      search: name,
    })) as readonly PolicyReply[];
    return replies.map((reply) => [reply.name, reply.pk]);
  },
});
