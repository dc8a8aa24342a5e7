/**
 * The contribution of one object to a layer of the way from a visitor to a service. A part says what the object is,
 * never when it is written. Ids are opaque: the same object has the same id in both states that are compared.
 */
export type Part =
  | ZonePart
  | RecordPart
  | EdgeRulePart
  | OperationPart
  | TokenRulePart
  | OrganizationPart
  | AccessApplicationPart
  | AccessPolicyPart
  | ServiceTokenPart
  | CertificateHostPart
  | WorkerPart
  | WorkerRoutePart
  | CacheRulePart
  | PurgePart
  | TunnelPart
  | TunnelRulePart
  | OriginPart
  | ProxyProviderPart
  | ClientPart
  | ApplicationPart
  | ProviderLinkPart
  | BindingPart
  | GroupParentPart
  | OutpostEntryPart;

/** A DNS zone of the account. One that is not active answers nothing. */
export interface ZonePart {
  readonly part: 'zone';
  readonly name: string;
  readonly active: boolean;
}

/** A DNS record; names and targets in lower case. */
export interface RecordPart {
  readonly part: 'record';
  readonly zone: string;
  /** `www.example.dev`, `*.example.dev` for a wildcard. */
  readonly name: string;
  /** Upper case: `CNAME`. */
  readonly type: string;
  /** Undefined for types written through `data`, which lead no visitor anywhere. */
  readonly content: string | undefined;
  readonly proxied: boolean;
}

/** The effect of one custom rule of a zone (WAF) on one host. Listed in the order of evaluation. */
export interface EdgeRulePart {
  readonly part: 'edge-rule';
  readonly zone: string;
  readonly enabled: boolean;
  /** An earlier rule that skips others may keep it from being evaluated. */
  readonly shadowed: boolean;
  /**
   * - `other-operations`: blocks every request that is not a saved operation of the host.
   * - `other-audiences`: blocks every request without a token for the audience that the configuration accepts.
   * - `nothing`: lets the host's requests past products of Cloudflare, and past no rule here.
   * - `unknown`: foreign, or changed by hand: gates does not know its condition.
   */
  readonly rule:
    | { readonly blocks: 'other-operations'; readonly host: string }
    | {
        readonly blocks: 'other-audiences';
        readonly host: string;
        readonly configuration: string;
        readonly audience: string;
      }
    | { readonly blocks: 'nothing'; readonly host: string }
    | { readonly blocks: 'unknown'; readonly action: string };
  /** Tells foreign rules apart, so that the effect of one is the same fact in two states. Default: its place. */
  readonly id?: string;
}

/** A saved operation of API Shield. */
export interface OperationPart {
  readonly part: 'operation';
  readonly id: string;
  readonly zone: string;
  readonly host: string;
  readonly method: string;
  /** `/v1/items/{var1}` */
  readonly endpoint: string;
}

/** A rule of API Shield about requests to saved operations. Listed in order: the first about an operation decides. */
export interface TokenRulePart {
  readonly part: 'token-rule';
  readonly zone: string;
  readonly enabled: boolean;
  readonly action: 'block' | 'log';
  /** Hosts whose operations it covers; none: all. */
  readonly hosts: readonly string[];
  /** Ids of operations that it excludes. */
  readonly excluded: readonly string[];
  /** The token configuration whose tokens it accepts; undefined if its expression says anything else. */
  readonly configuration: string | undefined;
}

/** The Zero Trust organization of the account. */
export interface OrganizationPart {
  readonly part: 'organization';
  /** Access blocks hosts without an application. Undefined: the organization does not say, so it does not. */
  readonly requiresAccess: boolean | undefined;
  readonly exemptedZones: readonly string[];
}

/** A self-hosted Access application. */
export interface AccessApplicationPart {
  readonly part: 'access-application';
  readonly id: string;
  /** Audience of the JWTs that it issues. */
  readonly audience: string;
  /** Public destinations: `host`, `host/path`, `host/path/*`, with `*` anywhere. */
  readonly destinations: readonly string[];
  /** Ids of its policies, by precedence. */
  readonly policies: readonly string[];
  /** Ids of the identity providers by which people may log in; undefined: by any. */
  readonly logins: readonly string[] | undefined;
  /** Settings that admit past the policies: `allow_authenticate_via_warp`, `options_preflight_bypass`, … */
  readonly waysAround: readonly string[];
}

/** An Access policy. */
export interface AccessPolicyPart {
  readonly part: 'access-policy';
  readonly id: string;
  readonly decision: 'allow' | 'deny' | 'bypass' | 'non_identity';
  /** Selectors as the API has them: `{ email: { email: "me@example.dev" } }`. */
  readonly include: readonly Selector[];
  readonly require: readonly Selector[];
  readonly exclude: readonly Selector[];
  /** The approvers without whom an Allow policy admits nobody, in words; absent: it needs none. Equal words: the same fact. */
  readonly approval?: string;
}

export type Selector = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A service token of the account. One that is disabled or expired admits nobody. */
export interface ServiceTokenPart {
  readonly part: 'service-token';
  readonly id: string;
  readonly valid: boolean;
}

/** A host at which the client certificates of an authority are valid. */
export interface CertificateHostPart {
  readonly part: 'certificate-host';
  readonly authority: string;
  /** In lower case. */
  readonly host: string;
}

/** A Worker of gates that passes requests on with the identity of the visitor. Foreign Workers have no part. */
export interface WorkerPart {
  readonly part: 'worker';
  /** Its name. */
  readonly id: string;
  /** The audience of the Access JWT without which nobody passes; undefined: it is not as gates uploaded it. */
  readonly audience: string | undefined;
}

/** A route of a zone to a Worker, which gets each request that Access lets past. The most specific one decides. */
export interface WorkerRoutePart {
  readonly part: 'worker-route';
  readonly zone: string;
  /** `app.example.dev/*`, `https://*example.dev/api/*` */
  readonly pattern: string;
  /** The name of the Worker; empty: no Worker runs there, nor one of a less specific route. */
  readonly script: string;
  /** Requests beyond the account's limit pass the Worker. Undefined: Cloudflare does not say. */
  readonly failsOpen: boolean | undefined;
}

/** A cache rule. `keepsOut`: it keeps the answers of the host out of Cloudflare's cache, whatever their path. */
export interface CacheRulePart {
  readonly part: 'cache-rule';
  readonly zone: string;
  /** Undefined for a foreign rule: gates does not know for which requests it sets what. */
  readonly host: string | undefined;
  readonly keepsOut: boolean;
}

/** Cloudflare has dropped its copies of the answers of a host, so nothing that was stored before is left. */
export interface PurgePart {
  readonly part: 'purge';
  readonly host: string;
}

export interface TunnelPart {
  readonly part: 'tunnel';
  readonly id: string;
  /** `local`: it reads a config.yml of its own; `unread`: gates has not read its rules. Either way they are unknown. */
  readonly configuration: 'remote' | 'local' | 'unread';
}

/** A rule of a tunnel. Listed in order: the first one that matches decides. */
export interface TunnelRulePart {
  readonly part: 'tunnel-rule';
  readonly tunnel: string;
  /** As cloudflared compares it: `*` for every host, `*.example.dev` for any number of labels. */
  readonly hostname: string;
  /** An expression of Go (RE2), sought anywhere in the decoded path. */
  readonly path: string | undefined;
  readonly service: string;
  /** Audiences of the Access JWT that the request must have; undefined: none is required. */
  readonly audiences: readonly string[] | undefined;
  /** The host that the origin is asked for, if it is not the visitor's. */
  readonly hostHeader: string | undefined;
}

/** The knowledge about an origin. An origin without such a part is unknown. */
export interface OriginPart {
  readonly part: 'origin';
  /** As a tunnel rule names it, `http://traefik.lan:80`, or the address that a record leads to, `http://192.0.2.1`. */
  readonly service: string;
  /** The hosts that this describes; undefined: all. */
  readonly hosts: readonly string[] | undefined;
  readonly asks: /** It admits every request. */
    | { readonly who: 'nobody' }
    /** It asks Authentik's outpost about each request (forward auth), by the visitor's host. */
    | { readonly who: 'outpost'; readonly outpost: string }
    /** It is Authentik itself: its outpost answers for the hosts of its proxy providers, else Authentik does. */
    | { readonly who: 'authentik'; readonly outpost: string }
    /** It decides by itself, in a way that gates cannot see: a login of its own, a signature, a token. */
    | { readonly who: 'itself' };
  /** It believes forwarding headers (`X-Forwarded-Uri`, …) that a visitor sends. Undefined: nobody has checked. */
  readonly trustsForwarded: boolean | undefined;
}

export interface ProxyProviderPart {
  readonly part: 'proxy-provider';
  readonly id: string;
  readonly mode: 'forward_single' | 'forward_domain' | 'proxy';
  /** `https://grafana.example.dev` */
  readonly externalHost: string;
  /** Only for mode `proxy`. */
  readonly internalHost: string;
  /** Only for mode `forward_domain`: `example.dev`. */
  readonly cookieDomain: string;
  /** Expressions of the paths that it opens without a login, one a line. */
  readonly skipPaths: string;
  /** Ids of providers whose tokens it accepts like its own. */
  readonly trusts: readonly string[];
  /** Id of the authorization flow that people pass before they are admitted; absent: that of all providers. */
  readonly flow?: string;
}

/** An OIDC client of Authentik. */
export interface ClientPart {
  readonly part: 'client';
  readonly id: string;
  /** The same. */
  readonly flow?: string;
  readonly trusts: readonly string[];
}

/** An application of Authentik. */
export interface ApplicationPart {
  readonly part: 'application';
  readonly id: string;
  /** `any`: one binding that agrees is enough. */
  readonly engine: 'any' | 'all';
}

/** The application of a provider: everybody whom its bindings admit may log in at the provider. */
export interface ProviderLinkPart {
  readonly part: 'provider-link';
  readonly application: string;
  readonly provider: string;
}

/** A binding of an application. */
export interface BindingPart {
  readonly part: 'binding';
  readonly application: string;
  /** Id of a group. */
  readonly group: string | undefined;
  /** Id of a user. */
  readonly user?: string;
  /** Id of a policy. Without a group and a user too: a binding whose verdict gates cannot know. */
  readonly policy?: string;
  readonly enabled: boolean;
  readonly negated: boolean;
  /** Tells bindings of policies apart, as for `EdgeRulePart`. Default: its place. */
  readonly id?: string;
}

/** All members of a group are members of another one too. */
export interface GroupParentPart {
  readonly part: 'group-parent';
  /** Ids. */
  readonly group: string;
  readonly parent: string;
  /** Their names, which claims have. */
  readonly names: { readonly group: string; readonly parent: string };
}

/** An outpost serves a provider. */
export interface OutpostEntryPart {
  readonly part: 'outpost-entry';
  readonly outpost: string;
  readonly provider: string;
}
