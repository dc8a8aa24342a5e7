import type {
  AccessApp,
  AccessClaims,
  AccessGroup,
  AccessPolicy,
  AccessTag,
  IdentityLogin,
  Organization,
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
import type { Json, JsonObject } from './json.ts';
import type { Lag, Pending } from './lag.ts';
import type { ApiOperation, Ruleset, TokenConfiguration, TokenRule } from './shield-state.ts';

export type * from './access-state.ts';
export type * from './cache-state.ts';
export type * from './cloudflare-state.ts';
export type * from './shield-state.ts';
export type { Json, JsonObject, Pending };

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
  /** Whether tunnels that are made have a connector at once; they do where it is absent. */
  freshTunnels?: 'connected' | 'inactive';
  /** How long what is written takes to the edge; absent where it is there at once. */
  lag?: Lag;
  /** What is on its way to the edge, in the order of the writes; absent where nothing is. */
  pending?: Pending[];
  plan: Plan;
  account: Account;
  apiTokens: ApiToken[];
  budget: Budget;
  /** Absent: the newer ones. */
  rateHeaders?: RateHeaders;
  /** Absent: the documented ones. */
  accessLimits?: AccessLimits;
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
  /** Absent as long as nobody made one. */
  accessGroups?: AccessGroup[];
  tags: AccessTag[];
  serviceTokens: ServiceToken[];
  /** A valid service token that no list shows and no file mentions: "another service token" of the oracle. */
  strangerToken: ServiceToken;
  /** What is out of order beside the APIs; absent where nothing is. */
  outages?: Outages;
  /** IP Access rules; absent as long as nobody made one. */
  ipRules?: IpRule[];
  /** Of the WAF, and of API Shield below; each absent as long as nobody made one. In the order in which they count. */
  rulesets?: Ruleset[];
  tokenConfigurations?: TokenConfiguration[];
  tokenRules?: TokenRule[];
  operations?: ApiOperation[];
  /** The edge keeps answers as Cloudflare's cache does; absent: it asks the origin each time. */
  playsCache?: boolean;
  /** What it keeps, by the key of the cache; absent as long as it kept nothing. */
  edgeCache?: { [key: string]: CachedAnswer };
  /** By zone; absent as long as nobody purged, or wrote one. */
  purgeBudgets?: { [zoneId: string]: PurgeBudget };
  zoneExtras?: { [zoneId: string]: ZoneExtras };
  /** Sessions that people hold because they logged in, over or not: the oracle tries them again. */
  sessions: AccessClaims[];
  origins: Origin[];
  /** Origins on loopback are played as well: in a copy they are on somebody else's machine. */
  playsLoopback?: boolean;
  /** Where people reach Authentik, in a copy; else it is `auth.<zone>`. */
  authentikHost?: string | undefined;
  guards: Guard[];
  faults: Fault[];
  /** States that faults may still ask for, the oldest first; absent as long as none does. */
  past?: PastState[];
  calls: Call[];
  exposures: Exposure[];
  audit: AuditEntry[];
  authentik: AuthentikState;
}

export interface Outages {
  /** Names of zones whose certificate is not issued: no visitor gets through the TLS handshake. */
  certificates?: string[];
  /** Names of outposts that cannot keep a session. */
  sessionStores?: string[];
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
  /** By host, an address that a Traefik asks in place of an outpost. */
  verify?: { [host: string]: string };
  /** Headers that it adds to its answers, the outpost's and the application's. */
  responseHeaders?: { [name: string]: string };
  /** Hosts whose requests it hands to the hooks listener of gates, which lets nobody by without a signature. */
  hooks?: 'all' | string[];
}

export interface Guard {
  host: string;
  path?: string;
  admit: {
    groups?: string[];
    emails?: string[];
    tokens?: string[];
    /** Whoever has logged in. */
    people?: boolean;
    public?: boolean;
    /** Whoever shows a token for this audience, without one for the client's id, that is signed by a key of that client of Authentik, or of a key set. */
    bearer?: { audience?: string; client?: string; keys?: string };
    /** Where a bearer is admitted: `GET /v1/items/{id}`; absent: everywhere. */
    operations?: string[];
  };
  /**
   * Slug of the Authentik application whose login is the gate: whom the door lets through says nothing then, and an
   * exposure is a person who gets a code for that client.
   */
  client?: string;
  /**
   * The people whom an origin (`by`, its URL) admits, for a host that moves from one origin to another. Everybody else is an
   * exposure there, even if `admit` of the guard admits them.
   */
  served?: { by: string; admit: Guard['admit'] }[];
}

export type System = 'cloudflare' | 'authentik';

export interface Fault {
  id: string;
  /** `lists`: GETs alone whose reply is a list. */
  match: { system?: System; method?: string; path?: string; lists?: boolean };
  fault: 'status' | 'delay' | 'drop' | 'lose-reply' | 'stale' | 'edit' | 'crash';
  status?: number;
  /** Of a crash: the call did its work first. */
  applied?: true;
  headers?: { [name: string]: string };
  ms?: number;
  /** Of a status: the reply as it is, in place of the envelope of its system. */
  body?: Json;
  /** Of a stale reply: how many writes ago, in place of how many milliseconds. */
  writes?: number;
  /** What somebody else does before the call is answered. */
  edit?: Edit;
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

/** A call of another person, as `POST /edit` has it. */
export interface Edit {
  actor: string;
  system: System;
  method: string;
  path: string;
  body?: Json;
}

/** The world as it was before a write. */
export interface PastState {
  /** Epoch milliseconds of virtual time at which the write ended it. */
  until: number;
  /** JSON, without what was called, seen and kept since. */
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
  /** The Ray ID of the reply, without the place that answered; at Cloudflare alone. */
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
