import type { Reconciler } from '../../../src/core/reconciler.ts';
import { identityProviderRow } from '../access/identity-provider-row.ts';
import { namedOnce } from './named-once.ts';

/** A login method of the account that the file names: its identity provider by its name. Attribute `id`. */
interface LoginMethodSpec {
  readonly type?: string;
}

const kind = 'cloudflare/login-method';

export const loginMethod: Reconciler<LoginMethodSpec> = {
  kind,
  title: 'Login method',
  unmarked: true,

  async observe(world) {
    if (world.scope.looksUp?.includes(kind) !== true) return [];
    const replies = (await world.read(identityProviderRow)).map(({ spec }) => spec);
    return namedOnce(
      kind,
      replies.map(({ id, name, type }) => ({ key: name, id, spec: { type } })),
    );
  },
};
