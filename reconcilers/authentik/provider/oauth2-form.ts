import type { Deliver } from '../../../src/core/record/delivery.ts';
import type { ProviderFlow } from '../reading/flow-strictness.ts';
import { writeLifetime } from '../reading/lifetime.ts';
import type { RedirectUriReply } from './oauth2-row.ts';

export interface ProviderRedirectUri {
  readonly match: 'strict' | 'regex';
  readonly uri: string;
}

/** An OIDC client. Keyed by what follows `gates:<owner>/` in its name. Attributes `id` and `clientId`. */
export interface Oauth2ProviderSpec extends ProviderFlow {
  readonly clientType: 'confidential' | 'public';
  /** In no order. Undefined: the server has no grant types (before 2026.5), or any are fine. */
  readonly grantTypes?: readonly string[];
  /** In order: Authentik guesses the address of the application from the first. */
  readonly redirectUris: readonly ProviderRedirectUri[];
  /** In order. Undefined: the server has no logout URIs (before 2026.5), or any are fine. */
  readonly logoutUris?: readonly ProviderRedirectUri[];
  /** Id of a key pair. Empty: the provider signs tokens with the secret and publishes no keys. */
  readonly signingKey: string;
  /** Tokens are also encrypted, which hardly any application understands. */
  readonly encrypted: boolean;
  /** Ids of its scope mappings; any other one is drift. */
  readonly propertyMappings: readonly string[];
  /** Id of a flow. */
  readonly invalidationFlow: string;
  /** `hashed_user_id`, `user_id`, `user_uuid`, `user_username`, `user_email`, `user_upn`. */
  readonly subject: string;
  readonly issuer: 'per_provider' | 'global';
  readonly claimsInIdToken: boolean;
  /** Seconds. */
  readonly codeLifetime: number;
  readonly accessLifetime: number;
  readonly refreshLifetime: number;
  /** Ids of providers whose tokens it accepts like its own. Desired: none. */
  readonly trustedProviders: readonly number[];
  /** `kept`: the vault holds the provider's current id and secret. */
  readonly secret: 'kept' | 'lost';
  /** For a provider without a mark: the key of ours whose client id it has, since somebody changed its name. Authentik has each id once. */
  readonly heldFor?: string;
  /** Desired: files that must hold them (fields `clientId`, `clientSecret`); observed: those that do. */
  readonly deliver: readonly Deliver[];
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
}

type Body = Readonly<Record<string, unknown>>;

/** The form of each sent field of the spec in the API. */
export const written: { readonly [Field in SentField]: (want: Oauth2ProviderSpec) => Body } = {
  clientType: ({ clientType }) => ({ client_type: clientType }),
  signingKey: ({ signingKey }) => ({ signing_key: signingKey === '' ? null : signingKey }),
  encrypted: ({ encrypted }) => (encrypted ? {} : { encryption_key: null }),
  propertyMappings: ({ propertyMappings }) => ({ property_mappings: propertyMappings }),
  authorizationFlow: ({ authorizationFlow }) => ({ authorization_flow: authorizationFlow }),
  invalidationFlow: ({ invalidationFlow }) => ({ invalidation_flow: invalidationFlow }),
  subject: ({ subject }) => ({ sub_mode: subject }),
  issuer: ({ issuer }) => ({ issuer_mode: issuer }),
  claimsInIdToken: ({ claimsInIdToken }) => ({ include_claims_in_id_token: claimsInIdToken }),
  codeLifetime: ({ codeLifetime }) => ({ access_code_validity: writeLifetime(codeLifetime) }),
  accessLifetime: ({ accessLifetime }) => ({ access_token_validity: writeLifetime(accessLifetime) }),
  refreshLifetime: ({ refreshLifetime }) => ({ refresh_token_validity: writeLifetime(refreshLifetime) }),
  trustedProviders: ({ trustedProviders }) => ({ jwt_federation_providers: trustedProviders }),
  // A provider without grant types refuses every login. A server without the field ignores it.
  grantTypes: ({ grantTypes }) => (grantTypes === undefined ? {} : { grant_types: grantTypes }),
};

type SentField = Exclude<
  keyof Oauth2ProviderSpec,
  'redirectUris' | 'logoutUris' | 'secret' | 'heldFor' | 'deliver' | 'hosts' | 'usualFlow'
>;
export const sentFields = Object.keys(written) as readonly SentField[];

/** All URIs of a request. A server without types uses every URI for authorization, so it gets no `logout`. */
export function redirectUris(
  authorization: readonly ProviderRedirectUri[],
  logout: readonly ProviderRedirectUri[],
): readonly RedirectUriReply[] {
  const typedAs = (type: 'authorization' | 'logout') => (uri: ProviderRedirectUri) => {
    return { matching_mode: uri.match, url: uri.uri, redirect_uri_type: type };
  };
  return [...authorization.map(typedAs('authorization')), ...logout.map(typedAs('logout'))];
}
