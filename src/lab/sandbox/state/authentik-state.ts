import type { AuthentikVersion, IgnoredFields } from './authentik-version.ts';
import type { Json, JsonObject } from './json.ts';
import type { CodeRow, GrantRow, OutpostLoad, OutpostSession, SessionRow } from './login-rows.ts';
import type { Naming, ProviderRow } from './provider-row.ts';

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
