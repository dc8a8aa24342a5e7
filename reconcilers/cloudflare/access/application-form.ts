/** Fields of an application by which requests or people pass it otherwise than by its login. */
export type WayAround =
  | 'allow_authenticate_via_warp'
  | 'options_preflight_bypass'
  | 'read_service_tokens_from_header';

/**
 * A self-hosted Access application. Keyed by its first destination without a final wildcard, `host` or
 * `host/path`. Attributes `id` and `aud`.
 */
export interface AccessApplicationSpec {
  /** Best the key itself: by it the application is found again when a destination was put before its own. */
  readonly name: string;
  /** Public destinations: `host`, `host/path`, `host/path/*`. They have no order. */
  readonly destinations: readonly string[];
  /** Ids of reusable policies, in order of precedence. */
  readonly policies: readonly string[];
  /** Go duration, `24h`. */
  readonly sessionDuration?: string;
  /**
   * Ids of the identity providers that people may log in by, in no order. Undefined: whichever it has, less our own, or
   * it would go on asking one that nobody asks for any more.
   */
  readonly allowedProviders?: readonly string[];
  /** People are sent to the one provider at once. */
  readonly redirectsAtOnce?: boolean;
  /** Never asked for: those of `allowedProviders` that are ours. */
  readonly ownProviders?: readonly string[];
  /** Its policies let everyone by; never sent, it tells what the application does to the door. */
  readonly bypass: boolean;
  /** Ways past its login that are on, in no order; always asked for: none. */
  readonly waysAround: readonly WayAround[];
}

interface PolicyLink {
  readonly id: string;
  readonly decision?: string;
  readonly precedence?: number;
}

/** An application as the API shows it. */
export interface AccessApplicationReply {
  readonly id: string;
  readonly aud?: string;
  readonly name?: string;
  readonly type?: string;
  readonly domain?: string;
  readonly destinations?: unknown;
  readonly self_hosted_domains?: unknown;
  readonly policies?: readonly PolicyLink[] | null;
  readonly tags?: readonly string[] | null;
  readonly session_duration?: string | null;
  readonly allowed_idps?: readonly string[] | null;
  readonly auto_redirect_to_identity?: boolean | null;
  readonly created_at?: string;
  readonly allow_authenticate_via_warp?: boolean | null;
  readonly options_preflight_bypass?: boolean | null;
  readonly read_service_tokens_from_header?: string | null;
  readonly http_only_cookie_attribute?: boolean | null;
  readonly same_site_cookie_attribute?: string | null;
  readonly cors_headers?: object | null;
  readonly allow_iframe?: boolean | null;
  readonly mfa_config?: { readonly mfa_disabled?: boolean } | null;
  readonly oauth_configuration?: { readonly enabled?: boolean } | null;
}

/** Computed, or another view of what `destinations` says: left out of a PUT, which otherwise repeats the GET. */
export const computed: ReadonlySet<string> = new Set([
  'id',
  'uid',
  'aud',
  'app_count',
  'created_at',
  'updated_at',
  'self_hosted_domains',
]);
