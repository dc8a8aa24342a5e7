import type { OutpostDecision, OutpostRequest } from '../../authentik/outpost/outpost-decision.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import type { OutpostApp, OutpostLoad, OutpostSession } from '../../state/login-rows.ts';
import type { AccessClaims, CachedAnswer } from '../../state/world.ts';
import type { CacheSettings } from './cache-rules.ts';
import type { Circumstances } from './circumstances.ts';

/** One request as it reaches the edge. */
export interface Visit {
  method: string;
  /** Lower case, without port. */
  host: string;
  /** As sent: neither decoded nor normalized; begins with `/`. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** Names in lower case, in the order sent, repeated ones kept apart. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Uint8Array | null;
  /** The visitor's Access sessions: signed by this team, and not expired. */
  sessions: readonly Session[];
  /** `Cf-Access-Jwt-Assertion` as the visitor sent it. */
  assertion: Assertion | null;
  /** A visitor of the oracle who has logged in at every provider that admits them. */
  person?: UserRow;
  /** The place and device of the visitor; absent for an ordinary one. */
  from?: Circumstances;
  /** A visitor of the oracle solves challenges, so that they meet the gate behind. */
  solvesChallenges?: true;
}

/** A valid JWT of this team; `raw` is absent for a visitor of the oracle, for whom nobody reads it. */
export interface Session {
  claims: AccessClaims;
  raw?: string;
}

/** A JWT for the origin; `claims` is null if this team did not sign it, or if it has expired. */
export interface Assertion {
  claims: AccessClaims | null;
  raw?: string;
}

/** The part that answered, as in `x-sandbox-served-by`. */
export type ServedBy = 'edge' | 'access' | 'authentik' | 'origin';

/** The result of a visit: answered on the way, sent to log in, or delivered. */
export type Verdict =
  | Answer
  | { kind: 'login'; host: string; aud: string; returnTo: string }
  | OutpostStop
  | CachedCopy
  | Delivery;

/** The edge has a stored answer, for every visitor whom Access admits. */
export interface CachedCopy {
  kind: 'cached';
  copy: CachedAnswer;
}

/** The cache's part in the origin's answer: none, or it may store the answer. */
export type CachePassage =
  | { kind: 'beside'; status: 'DYNAMIC' | 'BYPASS' }
  | { kind: 'miss'; key: string; status: 'MISS' | 'EXPIRED'; settings: CacheSettings };

/** The outpost's own answer, usually a redirect to a login. */
export interface OutpostStop {
  kind: 'outpost';
  load: OutpostLoad;
  request: OutpostRequest;
  decision: OutpostDecision;
  /** Headers that the origin adds to its answers. */
  responseHeaders?: Readonly<Record<string, string>>;
  throughEdge: boolean;
}

/** The own answer of a part on the way. */
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
  /**
   * The address that answers: `http://app.lan`, without its usual port. The tunnel or the name leads to it, or the
   * outpost of a provider in mode `proxy`, whose `internal_host` it is.
   */
  origin: string;
  /** The address that is really called; null for a played origin. */
  proxyTo: { url: string; verifyTls: boolean } | null;
  /** Host as the origin sees it. */
  host: string;
  /** Headers that the edge and the tunnel add or replace. */
  headers: Readonly<Record<string, string>>;
  /** Names of headers that do not reach the origin. */
  dropped: readonly string[];
  assertion: Assertion | null;
  /** Headers that the origin adds to its answers. */
  responseHeaders?: Readonly<Record<string, string>>;
  /** The outpost's admission on the way, with its session; null for a skipped path. */
  outpost?: { load: OutpostLoad; app: OutpostApp; session: OutpostSession | null };
  /** An address that a Traefik on the way asks first; only a 2xx admits the visit. */
  verify?: { url: string; told: Readonly<Record<string, string>> };
  /** False if the visitor bypassed the edge. */
  throughEdge: boolean;
}

export function headerValues(visit: Pick<Visit, 'headers'>, name: string): string[] {
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
