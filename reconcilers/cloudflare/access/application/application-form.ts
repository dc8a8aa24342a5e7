import type { Appearance } from '../presentation/appearance.ts';
import type { CrossSite } from '../presentation/cross-site.ts';

/** Fields of an application that admit requests or people without its login. */
export type WayAround =
  | 'allow_authenticate_via_warp'
  | 'options_preflight_bypass'
  | 'read_service_tokens_from_header';

/**
 * A self-hosted Access application. Keyed by its first destination without a final wildcard, `host` or
 * `host/path`. Attributes `id` and `aud`.
 */
export interface AccessApplicationSpec extends Appearance, CrossSite {
  /** Best the key itself, by which gates finds the application after somebody put another destination first. */
  readonly name: string;
  /** Public destinations: `host`, `host/path`, `host/path/*`. They have no order. */
  readonly destinations: readonly string[];
  /** Ids of reusable policies, in order of precedence. */
  readonly policies: readonly string[];
  /** Go duration, `24h`. */
  readonly sessionDuration?: string;
  /**
   * Ids of the identity providers by which people may log in, in no order. Undefined: any, but none of ours, or the
   * application would still use one that the file no longer has.
   */
  readonly allowedProviders?: readonly string[];
  /** The application sends people to its only provider at once. */
  readonly redirectsAtOnce?: boolean;
  /** Observed only: those of `allowedProviders` that are ours. */
  readonly ownProviders?: readonly string[];
  /** Its policies admit everybody. Never sent: it decides the application's effect on the door. */
  readonly bypass: boolean;
  /** Ways around its login that are on, in no order. Desired: none. */
  readonly waysAround: readonly WayAround[];
}

interface PolicyLink {
  readonly id: string;
  readonly decision?: string;
  readonly precedence?: number;
}

/** A complete policy in an application's reply. */
export interface InlinePolicyReply extends PolicyLink {
  readonly decision: string;
  readonly name?: string;
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
  readonly app_launcher_visible?: boolean | null;
  readonly logo_url?: string | null;
  readonly custom_deny_url?: string | null;
  readonly custom_deny_message?: string | null;
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

/** Computed fields, and those that repeat `destinations`. A PUT omits them and otherwise repeats the GET. */
export const computed: ReadonlySet<string> = new Set([
  'id',
  'uid',
  'aud',
  'app_count',
  'created_at',
  'updated_at',
  'self_hosted_domains',
]);
