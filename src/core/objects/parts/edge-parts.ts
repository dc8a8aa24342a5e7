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
