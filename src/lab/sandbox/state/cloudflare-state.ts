import type { JsonObject } from './json.ts';

/* What the account has beside Access: tokens, zones, records and tunnels. */

export type Plan = 'free' | 'pro' | 'business' | 'enterprise';

export interface Account {
  id: string;
  name: string;
  createdOn: string;
  details?: Details;
}

/**
 * What else a reply of a real system told of an object that no call can change here, by the names of the API: a copy
 * shows it again.
 */
export type Details = JsonObject;

/** An API token of the account: its value is what stands behind `Authorization: Bearer`. */
export interface ApiToken {
  id: string;
  value: string;
  /** Who acts with it, as audit entries name them. */
  actor: string;
  status: 'active' | 'disabled' | 'expired';
  /** Names of permission groups, `DNS Write`; absent: it may do all. */
  permissions?: string[];
  /** RFC 3339; absent: it does not expire. */
  expiresOn?: string;
}

/** Calls counted for the whole token; times are epoch milliseconds of virtual time. */
export interface Budget {
  limit: number;
  windowMs: number;
  windowStart: number;
  used: number;
  blockedUntil: number;
}

/** Quotas of an account where they differ from the documented ones. */
export interface AccessLimits {
  /** Of one application; 50. */
  destinations?: number;
  /** Of the account; 500 each. */
  applications?: number;
  policies?: number;
}

/** Which headers tell what is left of the budget of calls. */
export type RateHeaders = 'newer' | 'older' | 'both' | 'none';

export interface Zone {
  id: string;
  name: string;
  status: 'initializing' | 'pending' | 'active' | 'moved';
  plan: Plan;
  createdOn: string;
  details?: Details;
  /** Cloudflare stands before none of its hosts; the edge does not play it. */
  paused?: boolean;
  /** Absent: `full`. Of the others the edge plays nothing. */
  type?: 'full' | 'partial' | 'secondary';
  /** Bot Fight Mode; absent: off. */
  fightMode?: boolean;
  /** Browser Integrity Check; absent: off, though a new zone has it on, since nothing says whom it refuses. */
  browserCheck?: boolean;
  /** Absent: off, as in a new zone. */
  alwaysUseHttps?: boolean;
  /** Entitled to API Shield; absent: where its plan is Enterprise. */
  apiShield?: boolean;
  /** Hosts of certificates beside the universal one, a list each. */
  certificates?: string[][];
}

/** An IP Access rule of the account or of one zone. */
export interface IpRule {
  id: string;
  /** Null: of the whole account. */
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
  /** Oldest first; the last one is what the API shows, an earlier one may still be running (`settle`). */
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

/** As stored: no empty hostnames, no `originRequest: {}`; the API adds such noise when it replies. */
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
  /** It lost its connections while it ran this version of the configuration, and is still listed; absent: it has them. */
  lostAtVersion?: number;
}
