import type { JsonObject } from './json.ts';

/* The edge's cache, and what else of a zone acts before its origins: Workers routes, Snippets, Page Rules. */

/** An answer that the edge keeps, and gives to whoever asks for the same; `Cloudflare-CDN-Cache-Control` is not in it. */
export interface CachedAnswer {
  host: string;
  /** As it was sent by who was answered first. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  status: number;
  headers: [name: string, value: string][];
  /** Base64. */
  body: string;
  /** Who answered behind every gate; null: somebody on the way, such as an outpost or cloudflared. */
  from: 'origin' | 'authentik' | null;
  /** Epoch milliseconds of virtual time. */
  storedAt: number;
  freshUntil: number;
}

/** Purge requests that may still be made; times are epoch milliseconds of virtual time. */
export interface PurgeBudget {
  left: number;
  at: number;
}

/** Workers routes, Snippets rules and Page Rules of a zone as the API shows them; the edge plays none of them. */
export interface ZoneExtras {
  workersRoutes?: JsonObject[];
  snippetRules?: JsonObject[];
  pageRules?: JsonObject[];
}
