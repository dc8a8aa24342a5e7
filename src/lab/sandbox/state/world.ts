import type {
  AccessApp,
  AccessCertificate,
  AccessClaims,
  AccessGroup,
  AccessPolicy,
  AccessTag,
  Approval,
  IdentityLogin,
  Organization,
  PostureRule,
  ServiceToken,
} from './access-state.ts';
import type { AuthentikState } from './authentik-state.ts';
import type { CachedAnswer, PurgeBudget, ZoneExtras } from './cache-state.ts';
import type {
  AccessLimits,
  Account,
  ApiToken,
  Budget,
  DnsRecord,
  IpRule,
  Plan,
  RateHeaders,
  Tunnel,
  TunnelVersion,
  Zone,
} from './cloudflare-state.ts';
import type { Guard } from './guard.ts';
import type { Json, JsonObject } from './json.ts';
import type { Lag, Pending } from './lag.ts';
import type { ApiOperation, Ruleset, TokenConfiguration, TokenRule } from './shield-state.ts';
import type { WorkerScript } from './worker-state.ts';

export type * from './access-state.ts';
export type * from './cache-state.ts';
export type * from './cloudflare-state.ts';
export type * from './shield-state.ts';
export type * from './worker-state.ts';
export type { Guard, Json, JsonObject, Pending };

/**
 * The complete state of the sandbox as plain JSON, which can be written to a file, read back and cloned. Only the RSA
 * key of the Access team is elsewhere, since generating it is slow and no test depends on it.
 */
export interface World {
  /** Ids and secrets follow from seed and count, so a restored world makes the same ones again. */
  seed: string;
  count: number;
  /** Contained in every secret that the sandbox makes, if set; see `ids.ts`. */
  canary: string | null;
  /** Milliseconds by which virtual time is ahead of real time. */
  clockOffset: number;
  /** Milliseconds until connectors and outposts run the newest configuration. */
  settle: number;
  /** `connected` (default): new tunnels have a connector at once. */
  freshTunnels?: 'connected' | 'inactive';
  /** The delays of writes at the edge; absent if they arrive at once. */
  lag?: Lag;
  /** Changes on their way to the edge, in the order of the writes; absent if there are none. */
  pending?: Pending[];
  plan: Plan;
  account: Account;
  apiTokens: ApiToken[];
  budget: Budget;
  /** Absent: the newer headers. */
  rateHeaders?: RateHeaders;
  /** Absent: the documented limits. */
  accessLimits?: AccessLimits;
  zones: Zone[];
  records: DnsRecord[];
  tunnels: Tunnel[];
  /** Null for an account that never set up Zero Trust. */
  organization: Organization | null;
  /** In the API's form, so without their secrets. */
  identityProviders: JsonObject[];
  /** Client secrets of identity providers, by the provider's id; absent until one was written. */
  identitySecrets?: { [provider: string]: string };
  /** Logins that were sent to an identity provider and have not returned; absent until there was one. */
  identityLogins?: IdentityLogin[];
  apps: AccessApp[];
  policies: AccessPolicy[];
  /** Absent until somebody made one. */
  accessGroups?: AccessGroup[];
  /** Approvals of people whose sessions have not begun; absent until there was one. */
  approvals?: Approval[];
  tags: AccessTag[];
  /** Each absent until somebody made one. */
  postureRules?: PostureRule[];
  accessCertificates?: AccessCertificate[];
  serviceTokens: ServiceToken[];
  /** A valid service token that no list shows and no file mentions: "another service token" of the oracle. */
  strangerToken: ServiceToken;
  /** Outages apart from the APIs; absent if there are none. */
  outages?: Outages;
  /** IP Access rules; absent until somebody made one. */
  ipRules?: IpRule[];
  /** Rules of the WAF, and of API Shield below; each absent until somebody made one. In the order of evaluation. */
  rulesets?: Ruleset[];
  tokenConfigurations?: TokenConfiguration[];
  tokenRules?: TokenRule[];
  operations?: ApiOperation[];
  /** The edge stores answers like Cloudflare's cache; absent: it asks the origin each time. */
  playsCache?: boolean;
  /** The stored answers, by cache key; absent until one was stored. */
  edgeCache?: { [key: string]: CachedAnswer };
  /** By zone; absent until somebody purged, or wrote one. */
  purgeBudgets?: { [zoneId: string]: PurgeBudget };
  zoneExtras?: { [zoneId: string]: ZoneExtras };
  /** Absent until somebody uploaded one. */
  workerScripts?: WorkerScript[];
  /** Sessions of people who logged in, also ended ones: the oracle tries them again. */
  sessions: AccessClaims[];
  origins: Origin[];
  /** Origins on loopback are played as well: in a copy they are on another machine. */
  playsLoopback?: boolean;
  /** The host at which people reach Authentik, in a copy; else it is `auth.<zone>`. */
  authentikHost?: string | undefined;
  guards: Guard[];
  faults: Fault[];
  /** Earlier states for which faults may still ask, the oldest first; absent while no fault does. */
  past?: PastState[];
  calls: Call[];
  exposures: Exposure[];
  audit: AuditEntry[];
  authentik: AuthentikState;
}

export interface Outages {
  /** Names of zones without an issued certificate: no visitor gets through the TLS handshake. */
  certificates?: string[];
  /** Names of outposts that cannot keep a session. */
  sessionStores?: string[];
}

export interface Origin {
  url: string;
  kind: 'traefik' | 'authentik' | 'application';
  forwardAuth: 'all' | 'none' | string[];
  trustForwarded: boolean;
  /** Passes on paths with encoded characters, like a Traefik without the setting that refuses them. */
  encodedCharacters?: boolean;
  /** Name of the outpost that it asks; default: the embedded one. */
  outpost?: string;
  /** The address that a Traefik asks instead of an outpost, by host. */
  verify?: { [host: string]: string };
  /** Headers that it adds to its own answers, the outpost's and the application's. */
  responseHeaders?: { [name: string]: string };
  /** Hosts whose requests it passes to the hooks listener of gates, which admits no unsigned call. */
  hooks?: 'all' | string[];
}

export type System = 'cloudflare' | 'authentik';

export interface Fault {
  id: string;
  /** `lists`: only GETs that reply with a list. */
  match: { system?: System; method?: string; path?: string; lists?: boolean };
  fault: 'status' | 'delay' | 'drop' | 'lose-reply' | 'stale' | 'edit' | 'crash';
  status?: number;
  /** For a crash: the call did its work first. */
  applied?: true;
  headers?: { [name: string]: string };
  ms?: number;
  /** For a status: this reply instead of the system's envelope. */
  body?: Json;
  /** For a stale reply: its age in writes instead of milliseconds. */
  writes?: number;
  /** An edit by somebody else before the call is answered. */
  edit?: Edit;
  /** The number of matching calls before the fault begins. */
  skip: number;
  /** The number of matching calls that it still hits; null for all. */
  times: number | null;
  /** For a random fault, which hits some of the matching calls. */
  chance?: {
    /** Above 0, at most 1. */
    probability: number;
    seed: number;
    /** The number of matching calls so far, which decides the hits together with the seed. */
    seen: number;
  };
}

/** A call of another person, in the form of `POST /edit`. */
export interface Edit {
  actor: string;
  system: System;
  method: string;
  path: string;
  body?: Json;
}

/** The world as it was before a write. */
export interface PastState {
  /** The time of the write that ended it, in epoch milliseconds of virtual time. */
  until: number;
  /** JSON, without later calls, findings and past states. */
  state: string;
}

/** One API call as `GET /calls` shows it. */
export interface Call {
  n: number;
  system: System;
  method: string;
  path: string;
  status: number;
  write: boolean;
  /** The owner of its token, `unknown` if there is none. */
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
  /** The Ray ID of the reply, without the location of the edge; only at Cloudflare. */
  ray?: string;
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

/** True if a value looks like a world. */
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
 * The configuration that a tunnel's connectors run: the newest that is `settle` old, else the oldest stored. Null if
 * there was none, or if the tunnel has its own `config.yml` (then remote configuration has no effect).
 */
export function runningVersion(
  world: World,
  tunnel: Tunnel,
  isReached: (moment: number) => boolean = (moment) => now(world) >= moment,
): TunnelVersion | null {
  if (tunnel.configSrc === 'local') return null;
  return tunnel.versions.findLast(({ writtenAt }) => isReached(writtenAt + world.settle)) ?? null;
}
