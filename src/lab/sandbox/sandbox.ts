import { type AdminPowers, handleAdmin } from './admin.ts';
import { advance, letAllArrive, letArrive } from './arrivals.ts';
import { API_BASE, dispatch, type Stage } from './dispatch.ts';
import { teamKeys } from './edge/access/access-token.ts';
import { type RawVisit, serveEdge, toRawVisit } from './edge/edge.ts';
import { HandshakeError, lacksCertificate } from './edge/handshake.ts';
import type { Verifier } from './edge/verifier.ts';
import { firstWorld } from './first-world.ts';
import { blindSpots } from './oracle/blind-spots.ts';
import type { AuthentikChoice } from './state/authentik-version.ts';
import type { JsonObject } from './state/json.ts';
import { type LagOptions, setLag } from './state/lag.ts';
import {
  type AccessLimits,
  type Call,
  type Exposure,
  isWorld,
  now,
  type Plan,
  type RateHeaders,
  type World,
} from './state/world.ts';

export interface SandboxOptions {
  /** Zone names, active from the start; the first one's first label names the Access team. */
  zones: readonly string[];
  /** Plan of every zone; `free` by default. */
  plan?: Plan;
  /** Milliseconds that every API call takes; 0 by default. */
  delay?: number;
  /** Milliseconds until connectors and outposts run a new configuration; 0 by default. */
  settle?: number;
  /** The delay of writes at the edge, by kind; `parseLag` reads it from text. By default only revocations, 25 s. */
  lag?: LagOptions;
  /** True if the edge stores answers like Cloudflare's cache; off by default. */
  cache?: boolean;
  /** Contained in every secret that the sandbox makes, so that a test can look for leaks. */
  canary?: string;
  /** The most calls of one API token in five minutes; 1200 by default, as at Cloudflare. */
  callBudget?: number;
  /** The headers with the remaining budget; the newer ones by default. */
  rateHeaders?: RateHeaders;
  /** Quotas of Access; by default 50 destinations of an application, 500 applications and 500 reusable policies. */
  accessLimits?: AccessLimits;
  /** `inactive`: a new tunnel has no connector until `POST /connectors`. `connected` (default): it has one. */
  freshTunnels?: 'connected' | 'inactive';
  /** The played release of Authentik; 2026.8 by default. */
  authentikVersion?: AuthentikChoice;
  /** Name of the first tunnel; homelab by default. */
  tunnel?: string;
  /** Settings of the organization that differ from those of a new account, with the API's own names. */
  organization?: JsonObject;
  /** Bot Fight Mode of every zone; off by default. */
  fightMode?: boolean;
  /** Asks outside addresses for a played Traefik (`verify` of an origin) and the oracle; default: `fetch`. */
  verifier?: Verifier;
  /** An initial world, to which `POST /reset` returns; of other options only `delay` and `verifier` count. */
  state?: Snapshot;
}

/** The base URLs of the four parts. In process, only `Sandbox.fetch` understands them. */
export interface SandboxUrls {
  /** The address ends in `/client/v4`. */
  cloudflare: string;
  authentik: string;
  edge: string;
  admin: string;
}

/** The complete world as text; opaque, for `restore` and for files. */
export type Snapshot = string;

/** A Cloudflare, an Authentik and an edge in this process, without sockets. */
export interface Sandbox {
  readonly urls: SandboxUrls;
  readonly accountId: string;
  /** The API token that may do everything. */
  readonly token: string;
  readonly authentikToken: string;
  readonly zones: readonly { id: string; name: string }[];
  /** Every variable that a client needs, for these `urls`. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The Cloudflare API (`/client/v4/…`). Like the other three, it rejects only if a fault takes a call or its reply,
   * with `TypeError: fetch failed`.
   */
  cloudflare(request: Request): Promise<Response>;
  authentik(request: Request): Promise<Response>;
  /** The internet: `Host` decides, or the URL's host without one. */
  edge(request: Request): Promise<Response>;
  admin(request: Request): Promise<Response>;
  /** One `fetch` for all base URLs of `urls`; any other host is the edge. Usable as a client's own fetch. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** API calls with a number above `since`. */
  calls(since?: number): Call[];
  exposures(): Exposure[];
  /** Rules that decide about a guarded host and that no visit tries, in words: whom they admit is unknown. */
  blindSpots(): string[];
  /** Virtual time, in epoch milliseconds. */
  now(): number;
  /** Advances time; the oracle judges each change when it reaches the edge. */
  advance(milliseconds: number): Promise<void>;
  /** Advances time until all writes have reached the edge. */
  arrive(): Promise<void>;
  /** Applies from the next write on. */
  setLag(lag: LagOptions | undefined): void;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
}

/** A sandbox and its stage, for the code that adds listeners. */
export interface Staged {
  sandbox: Sandbox;
  stage: Stage;
}

const IN_PROCESS: SandboxUrls = {
  cloudflare: `http://cloudflare.sandbox${API_BASE}`,
  authentik: 'http://authentik.sandbox',
  edge: 'http://edge.sandbox',
  admin: 'http://admin.sandbox',
};

/** The first world of `options`, for calls in process. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  return (await stageSandbox(options, IN_PROCESS)).sandbox;
}

/** The same as `createSandbox`, for other base URLs, and with the stage. */
export async function stageSandbox(options: SandboxOptions, urls: SandboxUrls): Promise<Staged> {
  const { state, delay, verifier } = options;
  if (state !== undefined) return stageWorld(() => worldOf(state), { delay, urls, verifier });
  if (options.zones.length === 0) throw new TypeError('a sandbox needs at least one zone');
  return stageWorld(() => firstWorld(options), { delay, urls, verifier });
}

/** A sandbox with the initial world of `make`, to which `POST /reset` returns. */
export async function stageWorld(
  make: () => World,
  {
    delay = 0,
    urls = IN_PROCESS,
    verifier,
  }: { delay?: number | undefined; urls?: SandboxUrls; verifier?: Verifier | undefined },
): Promise<Staged> {
  await teamKeys();
  const stage: Stage = { world: make(), delay, ...(verifier === undefined ? {} : { verifier }) };
  const powers: AdminPowers = {
    reset: () => {
      stage.world = make();
    },
  };
  return { sandbox: sandboxOn(stage, powers, urls), stage };
}

/** The world of a snapshot; throws `TypeError` for any other text. */
function worldOf(snapshot: Snapshot): World {
  const world: unknown = parsed(snapshot);
  if (!isWorld(world)) throw new TypeError('this is no state of a sandbox');
  return world;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sandboxOn(stage: Stage, powers: AdminPowers, urls: SandboxUrls): Sandbox {
  const first = stage.world;
  const token = first.apiTokens[0]?.value ?? '';
  const authentikToken = first.authentik.tokens[0]?.key ?? '';
  const parts = {
    cloudflare: (request: Request) => dispatch(stage, 'cloudflare', request),
    authentik: (request: Request) => dispatch(stage, 'authentik', request),
    edge: async (request: Request) => visitEdge(stage, await toRawVisit(request)),
    admin: (request: Request) => handleAdmin(stage, powers, request),
  };
  return {
    ...parts,
    urls,
    accountId: first.account.id,
    token,
    authentikToken,
    zones: first.zones.map(({ id, name }) => ({ id, name })),
    env: {
      CLOUDFLARE_API_TOKEN: token,
      CLOUDFLARE_BASE_URL: urls.cloudflare,
      AUTHENTIK_URL: urls.authentik,
      AUTHENTIK_TOKEN: authentikToken,
      GATES_PROBE_EDGE: urls.edge,
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      return partFor(urls, parts, request)(request);
    },
    calls: (since = 0) => stage.world.calls.filter((call) => call.n > since),
    exposures: () => [...stage.world.exposures],
    blindSpots: () => blindSpots(stage.world),
    now: () => now(stage.world),
    advance: (milliseconds) => advance(stage, milliseconds),
    arrive: () => letAllArrive(stage),
    setLag: (lag) => setLag(stage.world, lag),
    snapshot: () => JSON.stringify(stage.world),
    restore: (snapshot) => {
      stage.world = worldOf(snapshot);
    },
  };
}

/** One request of the internet, after all due changes arrived. Rejects with `HandshakeError` if TLS would fail. */
export async function visitEdge(stage: Stage, visit: RawVisit): Promise<Response> {
  await letArrive(stage);
  if (lacksCertificate(stage.world, visit.host)) throw new HandshakeError();
  return serveEdge(stage.world, visit, stage.verifier);
}

function partFor(
  urls: SandboxUrls,
  parts: Pick<Sandbox, 'cloudflare' | 'authentik' | 'edge' | 'admin'>,
  request: Request,
): (request: Request) => Promise<Response> {
  const { origin } = new URL(request.url);
  if (origin === new URL(urls.cloudflare).origin) return parts.cloudflare;
  if (origin === urls.authentik) return parts.authentik;
  return origin === urls.admin ? parts.admin : parts.edge;
}
