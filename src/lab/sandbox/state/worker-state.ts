import type { JsonObject } from './json.ts';

/* Workers: scripts of the account, and routes of the zones. */

/** A Worker, its id is its name. */
export interface WorkerScript {
  id: string;
  /** A hash of the modules: settings do not change it. */
  etag: string;
  mainModule: string;
  /** The text of the main module. */
  code: string;
  /** Plain texts, `{ type: "plain_text", name, text }`. */
  bindings: JsonObject[];
  compatibilityDate: string;
  tags: string[];
  createdAt: string;
  updatedAt: string;
}
