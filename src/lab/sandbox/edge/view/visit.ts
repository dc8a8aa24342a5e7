import type { OutpostDecision, OutpostRequest } from '../../authentik/outpost/outpost-decision.ts';
import type { OutpostApp, OutpostLoad, OutpostSession, UserRow } from '../../state/authentik-state.ts';
import type { AccessClaims, CachedAnswer } from '../../state/world.ts';
import type { CacheSettings } from './cache-rules.ts';

/** One request as it reaches the edge, before anybody looked at it. */
export interface Visit {
  method: string;
  /** Lower case, without port. */
  host: string;
  /** As sent: neither decoded nor normalised; begins with `/`. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** Names in lower case, in the order sent, repeated ones kept apart. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Uint8Array | null;
  /** The Access sessions that the visitor holds: signed by this team, and not expired. */
  sessions: readonly Session[];
  /** `Cf-Access-Jwt-Assertion` as the visitor sent it. */
  assertion: Assertion | null;
  /** Whom the oracle plays: somebody who has logged in at every provider that lets them. */
  person?: UserRow;
  /** Whom the oracle plays solves challenges, so that the gate behind them is seen. */
  solvesChallenges?: true;
}

/** A checked JWT of this team; `raw` is absent where the oracle plays somebody and nobody will look at it. */
export interface Session {
  claims: AccessClaims;
  raw?: string;
}

/** A JWT on its way to the origin; `claims` is null when this team did not sign it, or it has expired. */
export interface Assertion {
  claims: AccessClaims | null;
  raw?: string;
}

/** Who answered, as `x-sandbox-served-by` says. */
export type ServedBy = 'edge' | 'access' | 'authentik' | 'origin';

/** What becomes of a visit: answered on the way, sent to log in, or let through to what stands behind. */
export type Verdict =
  | Answer
  | { kind: 'login'; host: string; aud: string; returnTo: string }
  | OutpostStop
  | CachedCopy
  | Delivery;

/** The edge has the answer already, and gives it to whoever Access lets by. */
export interface CachedCopy {
  kind: 'cached';
  copy: CachedAnswer;
  /** Seconds since it was stored. */
  age: number;
}

/** What becomes of the origin's answer in the cache: it has no part in it, or may keep it. */
export type CachePassage =
  | { kind: 'beside'; status: 'DYNAMIC' | 'BYPASS' }
  | { kind: 'miss'; key: string; status: 'MISS' | 'EXPIRED'; settings: CacheSettings };

/** An outpost answers by itself: by a redirect to log in, mostly. */
export interface OutpostStop {
  kind: 'outpost';
  load: OutpostLoad;
  request: OutpostRequest;
  decision: OutpostDecision;
  /** What the origin adds to its answers. */
  responseHeaders?: Readonly<Record<string, string>>;
  throughEdge: boolean;
}

/** Somebody on the way answered by itself. */
export interface Answer {
  kind: 'answer';
  servedBy: ServedBy;
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** The visit reaches an application or Authentik. */
export interface Delivery {
  kind: 'delivery';
  servedBy: 'authentik' | 'origin';
  /** The address that the tunnel or the name leads to: `http://app.lan`, without its usual port. */
  origin: string;
  /** Where it is really proxied to; null for a played origin. */
  proxyTo: { url: string; verifyTls: boolean } | null;
  /** Host as the origin sees it. */
  host: string;
  /** What the edge and the tunnel add or overwrite. */
  headers: Readonly<Record<string, string>>;
  /** Names of headers that do not reach the origin. */
  dropped: readonly string[];
  assertion: Assertion | null;
  /** What the origin adds to its answers. */
  responseHeaders?: Readonly<Record<string, string>>;
  /** What an outpost let through on the way, and for whom; null for a path that it skips. */
  outpost?: { load: OutpostLoad; app: OutpostApp; session: OutpostSession | null };
  /** A Traefik on the way asks here first, and lets the visit through on 2xx alone. */
  verify?: { url: string; told: Readonly<Record<string, string>> };
  /** False when the visitor reached the origin around the edge. */
  throughEdge: boolean;
}

export function headerValues(visit: Visit, name: string): string[] {
  const values: string[] = [];
  for (const [given, value] of visit.headers) if (given === name) values.push(value);
  return values;
}

export function answer(
  servedBy: ServedBy,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { kind: 'answer', servedBy, status, body, headers };
}
