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
