/**
 * A self-hosted Access application. Keyed by its first destination without a final wildcard, `host` or
 * `host/path`. Attributes `id` and `aud`.
 */
export interface AccessApplicationSpec {
  readonly name: string;
  /** Public destinations: `host`, `host/path`, `host/path/*`. They have no order. */
  readonly destinations: readonly string[];
  /** Ids of reusable policies, in order of precedence. */
  readonly policies: readonly string[];
  /** Go duration, `24h`. */
  readonly sessionDuration?: string;
  /** Its policies let everyone by; never sent, it tells what the application does to the door. */
  readonly bypass: boolean;
}
