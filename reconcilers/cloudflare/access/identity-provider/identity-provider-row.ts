import type { Reader } from '../../../../src/core/world.ts';
import { listAccess } from '../../account/access-list.ts';

/** An identity provider of the account as the API has it; no reply contains the secret of its client. */
export interface IdentityProviderReply {
  readonly id: string;
  readonly name: string;
  /** `oidc`, `onetimepin`, or one of a dozen that gates never makes. */
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>> | null;
  readonly scim_config?: Readonly<Record<string, unknown>> | null;
}

const kind = 'cloudflare/access-identity-provider-row';

/** The unchanged list, read once for all readers. A row's spec is the reply, so a row is never an object of a plan. */
export const identityProviderRow: Reader<IdentityProviderReply> = {
  kind,

  async observe(world) {
    const replies = (await listAccess(world, 'identity_providers')) as readonly IdentityProviderReply[];
    return replies.map((reply) => ({
      address: { kind, key: reply.name },
      id: reply.id,
      owner: undefined,
      spec: reply,
      attributes: {},
      uses: [],
    }));
  },
};
