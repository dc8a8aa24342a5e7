import type { Reader } from '../../../src/core/world.ts';
import { listAuthentik } from '../reading/api.ts';
import type { WidenedReply } from '../reading/widening.ts';

/** A redirect URI as the API has it; the type is missing before 2026.5. */
export interface RedirectUriReply {
  readonly matching_mode: 'strict' | 'regex';
  readonly url: string;
  readonly redirect_uri_type?: 'authorization' | 'logout';
}

export interface Oauth2Reply extends WidenedReply {
  readonly pk: number;
  readonly name: string;
  readonly client_type: 'confidential' | 'public';
  readonly client_id: string;
  readonly client_secret: string;
  /** Missing before 2026.5. */
  readonly grant_types?: readonly string[];
  readonly redirect_uris: readonly RedirectUriReply[];
  readonly signing_key: string | null;
  readonly encryption_key: string | null;
  readonly property_mappings: readonly string[];
  readonly authorization_flow: string;
  readonly invalidation_flow: string;
  readonly sub_mode: string;
  readonly issuer_mode: string;
  readonly include_claims_in_id_token: boolean;
  readonly access_code_validity: string;
  readonly access_token_validity: string;
  readonly refresh_token_validity: string;
  readonly jwt_federation_providers?: readonly number[];
  readonly assigned_application_slug?: string | null;
}

const kind = 'authentik/oauth2-row';

/**
 * The unchanged list of OAuth2 providers, read once for both kinds, since it includes proxy providers, which Authentik
 * derives from them. A row's spec is the reply, which holds a secret, so a row is never an object of a plan.
 */
export const oauth2Row: Reader<Oauth2Reply> = {
  kind,

  async observe(world) {
    const replies = (await listAuthentik(world, '/providers/oauth2/')) as readonly Oauth2Reply[];
    return replies.map((reply) => ({
      address: { kind, key: reply.name },
      id: providerId(reply.pk),
      owner: undefined,
      spec: reply,
      attributes: {},
      uses: [],
    }));
  },
};

/** True if this server distinguishes redirect URIs for logout, as any of its replies shows. */
export function hasUriTypes(replies: readonly Pick<Oauth2Reply, 'redirect_uris'>[]): boolean {
  return replies.some(({ redirect_uris: uris }) =>
    uris.some(({ redirect_uri_type: type }) => type !== undefined),
  );
}

/** The id of a provider. All sorts share one sequence of numbers, and a bare number could be another object's id. */
export function providerId(pk: number | string): string {
  return `provider ${pk}`;
}
