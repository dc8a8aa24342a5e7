/** Looked up by name; attributes `id` and `plan` (`free`, `pro`, `business`, `enterprise`). */
export interface ZoneSpec {
  /** `active` once the registrar's name servers are Cloudflare's; `initializing`, `pending`, `moved` before. */
  readonly status: string;
}
