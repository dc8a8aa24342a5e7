import type { AuthentikVersion, IgnoredFields } from './authentik-version.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * Everything the played Authentik knows, as plain JSON. Rows have the names that the API gives their fields, since
 * a row is what serializers read and write; times are RFC 3339.
 */
export interface AuthentikState {
  version: AuthentikVersion;
  /** What the server says that it is, where that is not a patch release of `version`. */
  build?: string;
  /** Absent where the server knows all the fields of its release. */
  ignoredFields?: IgnoredFields;
  /** The last integer handed out by the sequences of the two tables that have one. */
  lastPk: { user: number; provider: number };
  /** How many RSA key pairs this world has made; see `rsaKey`. */
  keysMade: number;
  users: UserRow[];
  groups: GroupRow[];
  roles: RoleRow[];
  tokens: TokenRow[];
  applications: ApplicationRow[];
  /** OAuth2 and proxy providers in one table: a proxy provider is an OAuth2 provider with more to it. */
  providers: ProviderRow[];
  scopeMappings: ScopeMappingRow[];
  bindings: BindingRow[];
  expressionPolicies: ExpressionPolicyRow[];
  outposts: OutpostRow[];
  flows: FlowRow[];
  keyPairs: KeyPairRow[];
  brands: BrandRow[];
  /** Of `/admin/settings/`. */
  flags: { [name: string]: boolean };
  /** What a real server told of itself that no call changes: a copy shows it again. */
  told?: { version?: JsonObject; settings?: JsonObject; config?: JsonObject };
  events: EventRow[];
  /** What `GET /core/applications/` remembers for a day, by user and page. */
  applicationPages: { [userAndPage: string]: { pks: string[]; until: number } };
  /** Browsers that are logged in. */
  sessions: SessionRow[];
  /** Authorization codes that nobody has redeemed. */
  codes: CodeRow[];
  /** Access and refresh tokens of OAuth2, over or not. */
  grants: GrantRow[];
  /** What outposts know of people who came back from a login. */
  outpostSessions: OutpostSession[];
  /** What each outpost was told to run, oldest first, where picking that up takes time (`settle`). */
  outpostLoads: { [outpost: string]: { at: number; load: OutpostLoad }[] };
}

export interface SessionRow {
  /** Value of the cookie `authentik_session`. */
  id: string;
  user: number;
  /** Epoch milliseconds of virtual time at which they logged in. */
  begun: number;
}

/** A person who was let into an application, and what the client asked to know of them. */
export interface Consent {
  provider: number;
  user: number;
  scopes: string[];
  nonce: string | null;
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

/** A person at one provider of an outpost; it outlives every change of that provider's bindings (facts §4). */
export interface OutpostSession {
  /** Value of the outpost's cookie. */
  id: string;
  provider: number;
  username: string;
  email: string;
  name: string;
  uid: string;
  groups: string[];
  /** Attributes of the person and their groups; a person's own count first. */
  attributes: JsonObject;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** What an outpost runs: those of its providers that have an application, in the order in which they are loaded. */
export interface OutpostLoad {
  name: string;
  embedded: boolean;
  /** Of its configuration, as it is written there. */
  host: string;
  browserHost: string;
  apps: OutpostApp[];
}

/** One provider as an outpost was told of it. */
export interface OutpostApp {
  provider: number;
  providerName: string;
  application: string;
  clientId: string;
  cookieSecret: string;
  mode: ProxyPart['mode'];
  externalHost: string;
  /** Host and port of `externalHost` as they are written there, which nothing normalises (facts §2.2). */
  host: string;
  internalHost: string;
  /** The lines of `skip_path_regex`. */
  skipped: string[];
  cookieDomain: string;
  interceptHeaderAuth: boolean;
  /** The attributes of a person that the application is given as `Authorization: Basic`; null where it is given none. */
  basicAuth: { user: string; password: string } | null;
  scopes: string[];
  /** Milliseconds that a session lives. */
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
  /** Of a real person, in a copy; else it follows from `uuid`. */
  uid?: string;
  /** In a copy: a superuser, though the group that makes them one was not read. */
  superuser?: boolean;
  /** In a copy: whoever stands behind its API token may do all, since what they really may was not read. */
  trusted?: boolean;
}

export interface GroupRow {
  pk: string;
  name: string;
  is_superuser: boolean;
  parents: string[];
  roles: string[];
  attributes: JsonObject;
  /** Of a real group, in a copy; else it follows from `pk`. */
  num_pk?: number;
}

export interface RoleRow {
  pk: string;
  name: string;
  /** Global ones, as `authentik_core.view_application`; permissions on single objects are not played. */
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
  /** In no list, and named by no path: how a client reaches a copy whose own tokens nobody knows. */
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
  /** Null for a provider that is OAuth2 and nothing more. */
  proxy: ProxyPart | null;
  /** In a copy, of a provider of a type that is not played: only what others show of it is true. */
  naming?: Naming;
}

/** What the API calls a type of object. */
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
  /** Of an application or a flow; for both the sandbox has one id where Authentik may have two. */
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
  /** In a copy, of a policy of another type: it cannot be judged, and has no endpoint. */
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
  /** Nobody runs it, though it is the embedded one. */
  silent?: boolean;
  /** It runs this release and not that of the server. */
  runs?: string;
}

export interface FlowRow {
  pk: string;
  /** What bindings and their `target` filter call it. */
  policybindingmodel_ptr_id: string;
  name: string;
  slug: string;
  title: string;
  designation: string;
  authentication: string;
  /** What else a real server told of it, in a copy. */
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
  /** What a real server told of a certificate that nobody has here, in a copy: another one stands in for it. */
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

/** A value that a serializer has checked. */
export type Attributes = { [field: string]: Json };
