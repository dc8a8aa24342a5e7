import type { JsonObject } from './json.ts';

/* The edge's cache, and other parts before a zone's origins: Workers routes, Snippets, Page Rules. */

/** An answer that the edge stores for equal requests, without `Cloudflare-CDN-Cache-Control`. */
export interface CachedAnswer {
  host: string;
  /** As the first visitor sent it. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  status: number;
  headers: [name: string, value: string][];
  /** Base64. */
  body: string;
  /** The part that answered behind every gate; null: a part on the way, such as an outpost or cloudflared. */
  from: 'origin' | 'authentik' | null;
  /** Epoch milliseconds of virtual time. */
  storedAt: number;
  freshUntil: number;
}

/** Purge requests that are still allowed; times are epoch milliseconds of virtual time. */
export interface PurgeBudget {
  left: number;
  at: number;
}

/** Workers routes, Snippets rules and Page Rules of a zone in the API's form; of these, the edge plays the routes. */
export interface ZoneExtras {
  workersRoutes?: JsonObject[];
  snippetRules?: JsonObject[];
  pageRules?: JsonObject[];
}
