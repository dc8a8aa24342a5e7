/** A one-key map, as the API has it: `{ email: { email: "me@example.dev" } }`, `{ everyone: {} }`. */
export type AccessRule = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `non_identity` is what the dashboard calls Service Auth. */
export type AccessDecision = 'allow' | 'deny' | 'bypass' | 'non_identity';

/**
 * A reusable policy of the account. Keyed by what follows `gates:<owner>/` in its name: the door, `host` or
 * `host/path`, or `public` for the one that lets everyone by. Attribute `id`.
 */
export interface AccessPolicySpec {
  readonly decision: AccessDecision;
  /** Rules of a list have no order. */
  readonly include: readonly AccessRule[];
  readonly require: readonly AccessRule[];
  readonly exclude: readonly AccessRule[];
  /** Go duration, `24h`; overrides the application's. */
  readonly sessionDuration?: string;
}
