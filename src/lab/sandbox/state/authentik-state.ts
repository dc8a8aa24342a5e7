import type { AuthentikVersion, IgnoredFields } from './authentik-version.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * The complete state of the played Authentik, as plain JSON. Rows have the API's field names, since serializers read
 * and write rows; times are RFC 3339.
 */
export interface AuthentikState {
  version: AuthentikVersion;
  /** The server's own version, if it is not a patch release of `version`. */
  build?: string;
  /** Absent if the server knows all fields of its release. */
  ignoredFields?: IgnoredFields;
  /** The last integers of the two tables with a sequence. */
  lastPk: { user: number; provider: number };
  /** The number of RSA key pairs that this world has made; see `rsaKey`. */
  keysMade: number;
  users: UserRow[];
  groups: GroupRow[];
  roles: RoleRow[];
  tokens: TokenRow[];
  applications: ApplicationRow[];
  /** Providers of all types in one table: a proxy provider is an OAuth2 provider with more fields. */
  providers: ProviderRow[];
  scopeMappings: ScopeMappingRow[];
  samlMappings: SamlMappingRow[];
  bindings: BindingRow[];
  expressionPolicies: ExpressionPolicyRow[];
  outposts: OutpostRow[];
  flows: FlowRow[];
  keyPairs: KeyPairRow[];
  brands: BrandRow[];
  /** The flags of `/admin/settings/`. */
  flags: { [name: string]: boolean };
  /** A real server's own data that no call changes: a copy shows it again. */
  told?: { version?: JsonObject; settings?: JsonObject; config?: JsonObject };
  events: EventRow[];
  /** The pages that `GET /core/applications/` remembers for a day, by user and page. */
  applicationPages: { [userAndPage: string]: { pks: string[]; until: number } };
  /** Sessions of browsers that are logged in. */
  sessions: SessionRow[];
  /** Authorization codes that are not redeemed. */
  codes: CodeRow[];
  /** Access and refresh tokens of OAuth2, also expired ones. */
  grants: GrantRow[];
  /** The outposts' sessions of people who returned from a login. */
  outpostSessions: OutpostSession[];
  /** The loads of each outpost, oldest first, if loading takes time (`settle`). */
  outpostLoads: { [outpost: string]: { at: number; load: OutpostLoad }[] };
}

export interface SessionRow {
  /** The value of the cookie `authentik_session`. */
  id: string;
  user: number;
  /** The login in epoch milliseconds of virtual time. */
  begun: number;
  /** The methods of the login (RFC 8176); absent in older states. */
  amr?: string[];
  /** The flows and policies that the person passes (`authentik/api/passing.ts`). */
  passes?: string[];
}

/** A person whom an application admitted, and the claims that the client requested. */
export interface Consent {
  provider: number;
  user: number;
  scopes: string[];
  nonce: string | null;
  /** The methods of the login. */
  amr?: string[];
  /** Epoch milliseconds of the login. */
  loggedIn: number;
}

export interface CodeRow extends Consent {
  code: string;
  redirectUri: string;
  challenge: string | null;
  challengeMethod: 'plain' | 'S256';
  /** Epoch milliseconds of virtual time. */
  until: number;
}

export interface GrantRow extends Consent {
  kind: 'access' | 'refresh';
  token: string;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** A person's session at one provider of an outpost; changes of the provider's bindings do not end it (facts §4). */
export interface OutpostSession {
  /** The value of the outpost's cookie. */
  id: string;
  provider: number;
  username: string;
  email: string;
  name: string;
  uid: string;
  groups: string[];
  /** Attributes of the person and their groups; the person's own override. */
  attributes: JsonObject;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** The providers that an outpost runs: those with an application, in the order in which they are loaded. */
export interface OutpostLoad {
  name: string;
  embedded: boolean;
  /** The host in its configuration, unchanged. */
  host: string;
  browserHost: string;
  apps: OutpostApp[];
}

/** One provider as an outpost loaded it. */
export interface OutpostApp {
  provider: number;
  providerName: string;
  application: string;
  clientId: string;
  cookieSecret: string;
  mode: ProxyPart['mode'];
  externalHost: string;
  /** Host and port of `externalHost`, which nothing normalizes (facts §2.2). */
  host: string;
  internalHost: string;
  /** The lines of `skip_path_regex`. */
  skipped: string[];
  cookieDomain: string;
  interceptHeaderAuth: boolean;
  /** The attributes of a person that the application gets as `Authorization: Basic`; null if it gets none. */
  basicAuth: { user: string; password: string } | null;
  scopes: string[];
  /** The lifetime of a session in milliseconds. */
  sessionMs: number;
}

export interface UserRow {
  pk: number;
  uuid: string;
  username: string;
  name: string;
  email: string;
  is_active: boolean;
  path: string;
  type: 'internal' | 'external' | 'service_account' | 'internal_service_account';
  groups: string[];
  roles: string[];
  attributes: JsonObject;
  last_login: string | null;
  date_joined: string;
  last_updated: string;
  /** The uid of a real person, in a copy; else it follows from `uuid`. */
  uid?: string;
  /** In a copy: a superuser whose group was not read. */
  superuser?: boolean;
  /** In a copy: the owner of its API token may do everything, since their real permissions were not read. */
  trusted?: boolean;
}

export interface GroupRow {
  pk: string;
  name: string;
  is_superuser: boolean;
  parents: string[];
  roles: string[];
  attributes: JsonObject;
  /** The number of a real group, in a copy; else it follows from `pk`. */
  num_pk?: number;
}

export interface RoleRow {
  pk: string;
  name: string;
  /** Global permissions, such as `authentik_core.view_application`; permissions on single objects are not played. */
  permissions: string[];
}

export interface TokenRow {
  pk: string;
  identifier: string;
  intent: 'verification' | 'api' | 'recovery' | 'app_password';
  user: number;
  description: string;
  expires: string | null;
  expiring: boolean;
  managed: string | null;
  key: string;
  /** In no list and at no path: a client's access to a copy whose own tokens nobody knows. */
  hidden?: boolean;
}

export interface ApplicationRow {
  pk: string;
  name: string;
  slug: string;
  provider: number | null;
  backchannel_providers: number[];
  open_in_new_tab: boolean;
  meta_launch_url: string;
  meta_icon: string;
  meta_description: string;
  meta_publisher: string;
  policy_engine_mode: 'any' | 'all';
  group: string;
  meta_hide: boolean;
}

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

export interface SamlMappingRow {
  pk: string;
  managed: string | null;
  name: string;
  expression: string;
  saml_name: string;
  friendly_name: string | null;
}

export interface ScopeMappingRow {
  pk: string;
  managed: string | null;
  name: string;
  expression: string;
  scope_name: string;
  description: string;
}

export interface BindingRow {
  pk: string;
  policy: string | null;
  group: string | null;
  user: number | null;
  /** An application or a flow. The sandbox has one id for both, Authentik may have two. */
  target: string;
  negate: boolean;
  enabled: boolean;
  order: number;
  timeout: number;
  failure_result: boolean;
  expires: string | null;
}

export interface ExpressionPolicyRow {
  pk: string;
  name: string;
  execution_logging: boolean;
  expression: string;
  /** In a copy, for a policy of another type: nobody can judge it, and it has no endpoint. */
  naming?: Naming;
}

export interface OutpostRow {
  pk: string;
  name: string;
  type: 'proxy' | 'ldap' | 'radius' | 'rac';
  providers: number[];
  service_connection: string | null;
  config: JsonObject;
  managed: string | null;
  /** True if nobody runs it, although it is the embedded one. */
  silent?: boolean;
  /** The release that it runs, if it differs from the server's. */
  runs?: string;
}

export interface FlowRow {
  pk: string;
  /** The id in bindings and in their `target` filter. */
  policybindingmodel_ptr_id: string;
  name: string;
  slug: string;
  title: string;
  designation: string;
  authentication: string;
  /** Further data of a real server, in a copy. */
  details?: JsonObject;
}

export interface KeyPairRow {
  pk: string;
  name: string;
  /** PEM. */
  certificate_data: string;
  /** PEM, or empty. */
  key_data: string;
  managed: string | null;
  /** The real server's data of an unknown certificate, in a copy, which another one replaces. */
  shown?: JsonObject;
}

export interface BrandRow {
  brand_uuid: string;
  domain: string;
  default: boolean;
  /** Every other writable field, as it was sent. */
  settings: JsonObject;
  default_application: string | null;
  web_certificate: string | null;
  attributes: JsonObject;
}

export interface EventRow {
  pk: string;
  user: JsonObject;
  action: string;
  app: string;
  context: JsonObject;
  created: string;
}

/** Values that a serializer has checked. */
export type Attributes = { [field: string]: Json };
