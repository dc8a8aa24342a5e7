import type { Secret } from '../../../../src/core/world.ts';
import type { IdentityProviderReply } from './identity-provider-row.ts';

/**
 * A way in which Access identifies people. Ours is keyed by what follows `gates:<owner>/` in its name, which is also
 * the key of its client in Authentik; the account's one-time PIN, of which there is at most one and which has no owner,
 * by `onetimepin`; any other by its name, which a file may name, or by name and id where that is not its own. Attribute
 * `id`.
 */
export interface AccessIdentityProviderSpec {
  readonly type?: string;
  /** Complete addresses of Authentik: as browsers reach it (the first), and as Cloudflare does. */
  readonly authUrl?: string;
  readonly tokenUrl?: string;
  readonly certsUrl?: string;
  /** In no order, like `claims`. */
  readonly scopes?: readonly string[];
  /** Names of the claims that policies may use. */
  readonly claims?: readonly string[];
  /** The claim with the address that identifies people. */
  readonly emailClaim?: string;
  readonly pkce?: boolean;
  /**
   * `kept`: Access has the client's id and secret from the vault. The API never shows the secret, so gates knows only
   * what it last wrote. `foreign`: another client than ours.
   */
  readonly client?: 'kept' | 'lost' | 'foreign';
  /** The hosts whose gates use it; never sent. For the one-time PIN only its existence matters. */
  readonly hosts?: readonly string[];
}

/** The settings of a reply by OpenID Connect. */
export function openIdSpec(reply: IdentityProviderReply): Partial<AccessIdentityProviderSpec> {
  return {
    authUrl: configText(reply, 'auth_url'),
    tokenUrl: configText(reply, 'token_url'),
    certsUrl: configText(reply, 'certs_url'),
    scopes: texts(reply, 'scopes'),
    claims: texts(reply, 'claims'),
    emailClaim: configText(reply, 'email_claim_name') || 'email',
    pkce: reply.config?.pkce_enabled === true,
  };
}

/** A setting of a reply; empty if it has none. */
export function configText({ config }: IdentityProviderReply, field: string): string {
  const value = config?.[field];
  return typeof value === 'string' ? value : '';
}

function texts({ config }: IdentityProviderReply, field: string): readonly string[] {
  const value = config?.[field];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The settings of a provider that gates decides, as the API has them. */
export function providerConfig(
  want: AccessIdentityProviderSpec,
  client: Secret,
): Readonly<Record<string, unknown>> {
  return {
    client_id: client.clientId,
    client_secret: client.clientSecret,
    auth_url: want.authUrl,
    token_url: want.tokenUrl,
    certs_url: want.certsUrl,
    scopes: want.scopes,
    claims: want.claims,
    email_claim_name: want.emailClaim,
    pkce_enabled: want.pkce,
  };
}
