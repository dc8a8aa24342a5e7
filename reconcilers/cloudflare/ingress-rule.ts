/** Access as the tunnel's connector checks it: requests without a JWT for one of `audTag` get 403. */
export interface IngressAccess {
  readonly required: true;
  readonly teamName: string;
  readonly audTag: readonly string[];
}

/**
 * A rule's originRequest under the API's own names, durations in whole seconds. Unset keys are left out: the
 * API takes an explicit zero, `false` or empty string for a setting.
 */
export interface OriginRequest {
  readonly access?: IngressAccess;
  readonly caPool?: string;
  readonly connectTimeout?: number;
  readonly disableChunkedEncoding?: boolean;
  readonly http2Origin?: boolean;
  readonly httpHostHeader?: string;
  readonly keepAliveConnections?: number;
  readonly keepAliveTimeout?: number;
  readonly matchSNItoHost?: boolean;
  readonly noHappyEyeballs?: boolean;
  readonly noTLSVerify?: boolean;
  readonly originServerName?: string;
  readonly proxyType?: string;
  readonly tcpKeepAlive?: number;
  readonly tlsTimeout?: number;
}

/** One ingress rule of a tunnel's configuration, which is one document that all its rules share. */
export interface IngressRuleSpec {
  /** Name of the tunnel. */
  readonly tunnel: string;
  readonly tunnelId: string;
  /** Lower case; `*` for the catch-all. */
  readonly hostname: string;
  /** A regular expression, as cloudflared matches it: unanchored, on the decoded path. */
  readonly path?: string;
  readonly service: string;
  readonly originRequest: OriginRequest;
}

/** `homelab/app.example.dev`, with the path's expression after a space when the rule has one. */
export function ingressRuleKey(rule: { tunnel: string; hostname: string; path?: string }): string {
  const door = `${rule.tunnel}/${rule.hostname}`;
  return rule.path === undefined ? door : `${door} ${rule.path}`;
}
