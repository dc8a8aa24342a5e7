export interface ProviderRow {
  pk: number;
  name: string;
  authentication_flow: string | null;
  authorization_flow: string;
  invalidation_flow: string;
  property_mappings: string[];
  client_type: 'confidential' | 'public';
  grant_types: string[];
  client_id: string;
  client_secret: string;
  access_code_validity: string;
  access_token_validity: string;
  refresh_token_validity: string;
  refresh_token_threshold: string;
  include_claims_in_id_token: boolean;
  signing_key: string | null;
  encryption_key: string | null;
  redirect_uris: RedirectUri[];
  logout_uri: string;
  logout_method: 'backchannel' | 'frontchannel';
  sub_mode: string;
  issuer_mode: 'global' | 'per_provider';
  jwt_federation_sources: string[];
  jwt_federation_providers: number[];
  /** Null for a plain OAuth2 provider. */
  proxy: ProxyPart | null;
  /** Only of a SAML provider, of which the fields of OAuth2 mean nothing. */
  saml?: SamlPart;
  /** Only of an LDAP provider, of which the fields of OAuth2 mean nothing. */
  ldap?: LdapPart;
  /** In a copy, for a provider of a type that is not played: only the data that others show is true. */
  naming?: Naming;
}

/** The API's names for a type of object. */
export interface Naming {
  component: string;
  verbose_name: string;
  verbose_name_plural: string;
  meta_model_name: string;
}

export interface RedirectUri {
  matching_mode: 'strict' | 'regex';
  url: string;
  redirect_uri_type: 'authorization' | 'logout';
  /** Written without a type. */
  untyped?: true;
}

export interface ProxyPart {
  internal_host: string;
  external_host: string;
  internal_host_ssl_validation: boolean;
  certificate: string | null;
  skip_path_regex: string;
  basic_auth_enabled: boolean;
  basic_auth_password_attribute: string;
  basic_auth_user_attribute: string;
  mode: 'proxy' | 'forward_single' | 'forward_domain';
  intercept_header_auth: boolean;
  cookie_domain: string;
  cookie_secret: string;
}

export interface SamlPart {
  acs_url: string;
  sls_url: string;
  audience: string;
  /** Before 2026.5. */
  issuer: string;
  /** From 2026.5 on; empty: the issuer is the address of the metadata. */
  issuer_override: string;
  assertion_valid_not_before: string;
  assertion_valid_not_on_or_after: string;
  session_valid_not_on_or_after: string;
  name_id_mapping: string | null;
  authn_context_class_ref_mapping: string | null;
  digest_algorithm: string;
  signature_algorithm: string;
  signing_kp: string | null;
  verification_kp: string | null;
  encryption_kp: string | null;
  sign_assertion: boolean;
  sign_response: boolean;
  sign_logout_request: boolean;
  sign_logout_response: boolean;
  sp_binding: 'redirect' | 'post';
  sls_binding: 'redirect' | 'post';
  logout_method: string;
  default_relay_state: string;
  default_name_id_policy: string;
}

export interface LdapPart {
  base_dn: string;
  /** The key pair of LDAPS; null: the outpost makes one. */
  certificate: string | null;
  tls_server_name: string;
  uid_start_number: number;
  gid_start_number: number;
  search_mode: 'direct' | 'cached';
  bind_mode: 'direct' | 'cached';
  mfa_support: boolean;
}
