import type { Reader, World } from '../../../src/core/world.ts';
import { listAuthentik } from '../reading/api.ts';
import { providerId } from './oauth2-row.ts';

/** An LDAP provider as the API has it. It has no secret. */
export interface LdapReply {
  readonly pk: number;
  readonly name: string;
  readonly base_dn: string;
  readonly bind_mode: 'direct' | 'cached';
  readonly search_mode: 'direct' | 'cached';
  readonly mfa_support: boolean;
  readonly uid_start_number: number;
  readonly gid_start_number: number;
  readonly certificate: string | null;
  readonly tls_server_name: string;
  /** The flow of a bind. */
  readonly authorization_flow: string;
  readonly invalidation_flow: string;
  readonly assigned_application_slug?: string | null;
  readonly assigned_backchannel_application_slug?: string | null;
}

const kind = 'authentik/ldap-row';

/** Notes: the LDAP providers that gates made and did not see removed. */
export const ldapTopic = 'authentik-ldap-provider';

/**
 * The unchanged list of LDAP providers. It needs permissions of its own, so it is read only if the file has LDAP clients,
 * or gates made one and does not know it to be removed.
 */
export const ldapRow: Reader<LdapReply> = {
  kind,

  async observe(world) {
    return (await readsLdap(world)) ? listLdap(world) : [];
  },
};

/** True if LDAP providers and outposts matter to this run. */
export async function readsLdap({ scope, notes }: World): Promise<boolean> {
  return scope.authentik?.ldapOutpost !== undefined || (await notes.list(ldapTopic)).length > 0;
}

/** Every LDAP provider, of every owner. */
export async function listLdap(world: World): ReturnType<typeof ldapRow.observe> {
  const replies = (await listAuthentik(world, '/providers/ldap/')) as readonly LdapReply[];
  return replies.map((reply) => ({
    address: { kind, key: reply.name },
    id: providerId(reply.pk),
    owner: undefined,
    spec: reply,
    attributes: {},
    uses: [],
  }));
}
