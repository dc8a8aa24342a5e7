import type { JsonObject } from './json.ts';

/* The state of the account apart from Access: tokens, zones, records and tunnels. */

export type Plan = 'free' | 'pro' | 'business' | 'enterprise';

export interface Account {
  id: string;
  name: string;
  createdOn: string;
  details?: Details;
  /** The features of Access to which the account is entitled; absent: those of a new account. */
  entitlements?: AccessEntitlement[];
}

/** Features of Access that not every account has. */
export type AccessEntitlement = 'approval' | 'certificates' | 'isolation' | 'justification';

/**
 * Further data of an object in a real reply, which no call can change here, with the API's names: a copy shows it
 * again.
 */
export type Details = JsonObject;

/** An API token of the account: the value after `Authorization: Bearer`. */
export interface ApiToken {
  id: string;
  value: string;
  /** The actor of its calls in audit entries. */
  actor: string;
  status: 'active' | 'disabled' | 'expired';
  /** Names of permission groups, `DNS Write`; absent: it may do everything. */
  permissions?: string[];
  /** Names of the zones to which it is limited, its zone resources; absent: every zone. */
  zones?: string[];
  /** RFC 3339; absent: it does not expire. */
  expiresOn?: string;
}

/** Calls counted for one token; times are epoch milliseconds of virtual time. */
export interface Budget {
  limit: number;
  windowMs: number;
  windowStart: number;
  used: number;
  blockedUntil: number;
}

/** Quotas of an account that differ from the documented ones. */
export interface AccessLimits {
  /** The most destinations of one application; 50. */
  destinations?: number;
  /** The most objects of the account; 500 each. */
  applications?: number;
  policies?: number;
}

/** The headers with the remaining budget of calls. */
export type RateHeaders = 'newer' | 'older' | 'both' | 'none';

export interface Zone {
  id: string;
  name: string;
  status: 'initializing' | 'pending' | 'active' | 'moved';
  plan: Plan;
  createdOn: string;
  details?: Details;
  /** Cloudflare is in front of none of its hosts; the edge does not play it. */
  paused?: boolean;
  /** Absent: `full`. The edge plays no other type. */
  type?: 'full' | 'partial' | 'secondary';
  /** Bot Fight Mode; absent: off. */
  fightMode?: boolean;
  /** Browser Integrity Check; absent: off. A new zone has it on, but no document says whom it refuses. */
  browserCheck?: boolean;
  /** Absent: off, as in a new zone. */
  alwaysUseHttps?: boolean;
  /** Entitled to API Shield; absent: only with the Enterprise plan. */
  apiShield?: boolean;
  /** Hosts of certificates other than the universal one, a list for each. */
  certificates?: string[][];
}

/** An IP Access rule of the account or of one zone. */
export interface IpRule {
  id: string;
  /** Null: applies to the complete account. */
  zoneId: string | null;
  mode: 'whitelist' | 'block' | 'challenge' | 'js_challenge' | 'managed_challenge';
  target: 'ip' | 'ip_range' | 'country' | 'asn';
  value: string;
  notes: string;
  createdOn: string;
}

export interface DnsRecord {
  id: string;
  zoneId: string;
  type: string;
  /** Fully qualified, lower case, Punycode, no trailing dot; may begin with `*.`. */
  name: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority: number | null;
  data: JsonObject | null;
  comment: string | null;
  tags: string[];
  settings: JsonObject;
  privateRouting: boolean;
  createdOn: string;
  modifiedOn: string;
  commentModifiedOn: string | null;
  tagsModifiedOn: string | null;
}

export interface Tunnel {
  id: string;
  name: string;
  configSrc: 'local' | 'cloudflare';
  /** Base64. */
  secret: string;
  createdAt: string;
  deletedAt: string | null;
  /** Oldest first; the API shows the last one, while an earlier one may still run (`settle`). */
  versions: TunnelVersion[];
  connectors: Connector[];
  /** No connector has ever run it. */
  neverRan?: true;
}

export interface TunnelVersion {
  version: number;
  config: TunnelConfig;
  createdAt: string;
  /** Epoch milliseconds of virtual time. */
  writtenAt: number;
}

/** As written: an absent hostname and an empty one mean the same, and so do an absent `originRequest` and `{}`. */
export interface TunnelConfig {
  ingress: IngressRule[];
  originRequest?: OriginRequest;
}

export interface IngressRule {
  hostname?: string;
  path?: string;
  service: string;
  originRequest?: OriginRequest;
}

export interface OriginRequest {
  access?: { required?: boolean; teamName?: string; audTag?: string[] };
  httpHostHeader?: string;
  noTLSVerify?: boolean;
  originServerName?: string;
  caPool?: string;
  proxyType?: string;
  connectTimeout?: number;
  tlsTimeout?: number;
  tcpKeepAlive?: number;
  keepAliveTimeout?: number;
  keepAliveConnections?: number;
  noHappyEyeballs?: boolean;
  disableChunkedEncoding?: boolean;
  http2Origin?: boolean;
  matchSNItoHost?: boolean;
}

export interface Connector {
  id: string;
  openedAt: string;
  /** The version that it ran when it lost its connections, after which it is still listed; absent: it has them. */
  lostAtVersion?: number;
}
