import type { Reader } from '../../../src/core/world.ts';

/** The account of the token; key `self`. */
export interface IdentitySpec {
  /** Only a superuser may list every application, and ask whom an application admits. */
  readonly superuser: boolean;
}

const kind = 'authentik/identity';

export const identity: Reader<IdentitySpec> = {
  kind,

  async observe(world) {
    const reply = (await world.authentik?.get('/core/users/me/')) as
      | { readonly user?: { readonly pk: number; readonly is_superuser: boolean } }
      | undefined;
    if (reply?.user === undefined) return [];
    const { pk, is_superuser: superuser } = reply.user;
    return [
      {
        address: { kind, key: 'self' },
        id: `user ${pk}`,
        owner: undefined,
        spec: { superuser },
        attributes: { id: String(pk) },
        uses: [],
      },
    ];
  },
};
