import type { AuthentikState } from './authentik/state.ts';
import type { Json, JsonObject } from './json.ts';

export type { Json, JsonObject };

/**
 * The whole state of the sandbox as plain JSON: whatever is in here can be written to a file, read back and
 * cloned, and nothing that matters lives anywhere else. Only the RSA key of the Access team stays outside,
 * since generating it is slow and no test depends on which key it is.
 */
export interface World {
  /** Ids and secrets follow from seed and count, so a restored world hands out the same ones again. */
  seed: string;
  count: number;
  /** Contained in every secret the sandbox makes, when set; see `ids.ts`. */
  canary: string | null;
  /** Milliseconds that virtual time is ahead of real time. */
  clockOffset: number;
  /** Milliseconds until connectors and outposts run what was written last. */
  settle: number;
  plan: Plan;
  account: Account;
  apiTokens: ApiToken[];
  budget: Budget;
  zones: Zone[];
  records: DnsRecord[];
  tunnels: Tunnel[];
  /** Null for an account that never set up Zero Trust. */
  organization: Organization | null;
  /** As the API shows them, so without their secrets. */
  identityProviders: JsonObject[];
  /** Client secrets of identity providers, by the provider's id; absent as long as nobody wrote one. */
  identitySecrets?: { [provider: string]: string };
  /** Logins that went off to an identity provider and are not back; absent as long as none did. */
  identityLogins?: IdentityLogin[];
  apps: AccessApp[];
  policies: AccessPolicy[];
  tags: AccessTag[];
  serviceTokens: ServiceToken[];
  /** A valid service token that no list shows and no file mentions: "another service token" of the oracle. */
  strangerToken: ServiceToken;
  /** IP Access rules; absent as long as nobody made one. */
  ipRules?: IpRule[];
  /** Sessions that people hold because they logged in, over or not: the oracle tries them again. */
  sessions: AccessClaims[];
  origins: Origin[];
  /** Origins on loopback are played as well: in a copy they are on somebody else's machine. */
  playsLoopback?: boolean;
  /** Where people reach Authentik, in a copy; else it is `auth.<zone>`. */
  authentikHost?: string | undefined;
  guards: Guard[];
  faults: Fault[];
  calls: Call[];
  exposures: Exposure[];
  audit: AuditEntry[];
  authentik: AuthentikState;
}

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

export interface Zone {
  id: string;
  name: string;
  status: 'initializing' | 'pending' | 'active' | 'moved';
  plan: Plan;
  createdOn: string;
  details?: Details;
  /** Cloudflare stands before none of its hosts; the edge does not play it. */
  paused?: boolean;
  /** Bot Fight Mode; absent: off. */
  fightMode?: boolean;
  /** Absent: off, as in a new zone. */
  alwaysUseHttps?: boolean;
  /** Entitled to API Shield; absent: not. */
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
}

export interface Organization {
  name: string;
  /** `<team>.cloudflareaccess.com`; the issuer is `https://` and this. */
  authDomain: string;
  createdAt: string;
  updatedAt: string;
  details?: Details;
}

export interface AccessApp {
  id: string;
  uid: string;
  /** 64 hex digits; never changes while the application lives. */
  aud: string;
  /** Under which prefix it was made; an app made for a zone is seen in the account's list too. */
  scope: { kind: 'accounts' | 'zones'; id: string };
  name: string;
  type: string;
  destinations: JsonObject[];
  /** In order of precedence; reusable policies, or legacy ones whose `appId` is this app, never both. */
  policies: PolicyLink[];
  tags: string[];
  sessionDuration: string;
  /** Every other writable field, as it was sent. */
  settings: JsonObject;
  createdAt: string;
  updatedAt: string;
  /** Sessions begun at or before this moment (epoch ms) are over; null when never revoked. */
  revokedAt: number | null;
}

export interface PolicyLink {
  id: string;
  precedence: number;
}

export interface AccessPolicy {
  id: string;
  uid: string;
  /** Null for a reusable policy of the account; else the application it belongs to. */
  appId: string | null;
  name: string;
  decision: 'allow' | 'deny' | 'bypass' | 'non_identity';
  /** One-key maps such as `{ email: { email: "…" } }`. */
  include: JsonObject[];
  exclude: JsonObject[];
  require: JsonObject[];
  sessionDuration: string | null;
  /** Every other writable field, as it was sent. */
  settings: JsonObject;
  createdAt: string;
  updatedAt: string;
}

export interface AccessTag {
  name: string;
  createdAt: string;
  updatedAt: string;
}

export interface ServiceToken {
  id: string;
  /** `<32 hex>.access`. */
  clientId: string;
  name: string;
  /** Go duration or `forever`. */
  duration: string;
  enabled: boolean;
  secret: string;
  secretVersion: number;
  /** Accepted too until `expiresAt`. */
  previous: { secret: string; expiresAt: string } | null;
  expiresAt: string | null;
  lastSeenAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** The payload of an Access application token (facts §9). Times are epoch seconds. */
export interface AccessClaims {
  iss: string;
  aud: string[];
  iat: number;
  nbf: number;
  exp: number;
  type: 'app';
  sub: string;
  identity_nonce: string;
  country: string;
  /** Of a person. */
  email?: string;
  /** The client id of a service token. */
  common_name?: string;
  /** What the identity provider said beyond the address. */
  custom?: JsonObject;
  /** Of a person's session: kept beside the token, and never in it. */
  identity?: Identity;
}

/** Who logged in to Access, as their identity provider told. */
export interface Identity {
  email: string;
  /** Null for a one-time code in an account without any provider. */
  provider: string | null;
  /** Those that the provider's configuration names; null where nobody here knows what it says. */
  claims: JsonObject | null;
}

/** A browser that Access sent off to an identity provider. */
export interface IdentityLogin {
  /** What comes back in the address. */
  state: string;
  /** What comes back in the cookie of the team's host. */
  session: string;
  provider: string;
  /** The application and the page on its host that the person wants. */
  aud: string;
  host: string;
  returnTo: string;
  /** RFC 7636; null where the provider does not ask for it. */
  verifier: string | null;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

export interface Origin {
  url: string;
  kind: 'traefik' | 'authentik' | 'application';
  forwardAuth: 'all' | 'none' | string[];
  trustForwarded: boolean;
  /** Hands on paths with encoded characters, as Traefik does that has not been told to refuse them. */
  encodedCharacters?: boolean;
  /** Name of the outpost that is asked; the embedded one when absent. */
  outpost?: string;
}

export interface Guard {
  host: string;
  path?: string;
  /** `people`: whoever has logged in. */
  admit: { groups?: string[]; emails?: string[]; tokens?: string[]; people?: boolean; public?: boolean };
  /**
   * Slug of the Authentik application whose login is the gate: whom the door lets through says nothing then, and an
   * exposure is a person who gets a code for that client.
   */
  client?: string;
}

export type System = 'cloudflare' | 'authentik';

export interface Fault {
  id: string;
  match: { system?: System; method?: string; path?: string };
  fault: 'status' | 'delay' | 'drop' | 'lose-reply';
  status?: number;
  headers?: { [name: string]: string };
  ms?: number;
  /** Matching calls still to let through before the fault begins. */
  skip: number;
  /** Matching calls still to hit; null for every one. */
  times: number | null;
  /** Of a random fault, which hits some of the calls that match. */
  chance?: {
    /** Above 0, at most 1. */
    probability: number;
    seed: number;
    /** Calls that matched so far: which ones are hit follows from this count and the seed. */
    seen: number;
  };
}

/** One API call as `GET /calls` shows it. */
export interface Call {
  n: number;
  system: System;
  method: string;
  path: string;
  status: number;
  write: boolean;
  /** Who stands behind its token, `unknown` where nobody does. */
  caller: string;
}

export interface Exposure {
  n: number;
  host: string;
  path: string;
  principal: string;
  servedBy: string;
}

export interface AuditEntry {
  id: string;
  actor: string;
  system: System;
  method: string;
  path: string;
  status: number;
  /** RFC 3339, virtual time. */
  when: string;
}

const TABLES = [
  'apiTokens',
  'zones',
  'records',
  'tunnels',
  'identityProviders',
  'apps',
  'policies',
  'tags',
  'serviceTokens',
  'sessions',
  'origins',
  'guards',
  'faults',
  'calls',
  'exposures',
  'audit',
] as const satisfies readonly (keyof World)[];

/** Whether this looks like a world, as far as telling it from something else goes. */
export function isWorld(value: unknown): value is World {
  if (typeof value !== 'object' || value === null) return false;
  const world = value as Partial<World>;
  const parts = [world.account, world.authentik, world.budget];
  return (
    TABLES.every((name) => Array.isArray(world[name])) &&
    parts.every((part) => typeof part === 'object' && part !== null)
  );
}

/** Virtual time in epoch milliseconds. */
export function now(world: World): number {
  return Date.now() + world.clockOffset;
}

/** Virtual time in RFC 3339, as the API writes it. */
export function timestamp(world: World): string {
  return new Date(now(world)).toISOString();
}

/**
 * The configuration a tunnel's connectors run: the newest that is `settle` old, else the oldest kept; null when
 * none was ever written, or when the tunnel keeps its own `config.yml` (remote configuration does nothing there).
 */
export function runningVersion(world: World, tunnel: Tunnel): TunnelVersion | null {
  if (tunnel.configSrc === 'local') return null;
  const due = now(world) - world.settle;
  return tunnel.versions.findLast((version) => version.writtenAt <= due) ?? null;
}
