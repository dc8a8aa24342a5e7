import type { Reader, World } from '../../../src/core/world.ts';
import { listAuthentik } from '../reading/api.ts';
import type { WidenedReply } from '../reading/widening.ts';
import { providerId } from './oauth2-row.ts';

/** A SAML provider as the API has it. It has no secret. */
export interface SamlReply extends WidenedReply {
  readonly pk: number;
  readonly name: string;
  readonly acs_url: string;
  readonly audience: string;
  /** Before 2026.5. */
  readonly issuer?: string;
  /** From 2026.5 on; empty: the issuer is `url_issuer`. */
  readonly issuer_override?: string;
  /** From 2026.5 on: the issuer that an application sees, at the host of the request; a dash without an application. */
  readonly url_issuer?: string;
  readonly sp_binding: 'post' | 'redirect';
  readonly name_id_mapping: string | null;
  readonly default_name_id_policy: string;
  readonly property_mappings: readonly string[];
  readonly signing_kp: string | null;
  readonly sign_assertion: boolean;
  readonly sign_response: boolean;
  readonly authorization_flow: string;
  readonly invalidation_flow: string;
  readonly encryption_kp: string | null;
  readonly verification_kp: string | null;
  readonly authn_context_class_ref_mapping?: string | null;
  readonly default_relay_state: string;
  /** From 2025.12 on. */
  readonly sls_url?: string;
  readonly assigned_application_slug?: string | null;
}

const kind = 'authentik/saml-row';

/** Notes: the SAML providers that gates made and did not see removed. */
export const samlTopic = 'authentik-saml-provider';

/**
 * The unchanged list of SAML providers. It needs permissions of its own, so it is read only if the file has SAML clients,
 * or gates made one and does not know it to be removed.
 */
export const samlRow: Reader<SamlReply> = {
  kind,

  async observe(world) {
    const matters = world.scope.authentik?.saml === true || (await world.notes.list(samlTopic)).length > 0;
    return matters ? listSaml(world) : [];
  },
};

/** Every SAML provider, of every owner. */
export async function listSaml(world: World): ReturnType<typeof samlRow.observe> {
  const replies = (await listAuthentik(world, '/providers/saml/')) as readonly SamlReply[];
  return replies.map((reply) => ({
    address: { kind, key: reply.name },
    id: providerId(reply.pk),
    owner: undefined,
    spec: reply,
    attributes: {},
    uses: [],
  }));
}
