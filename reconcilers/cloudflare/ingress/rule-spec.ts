import type { IngressOriginRequest } from './origin-request.ts';

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
  readonly originRequest: IngressOriginRequest;
  /** Never asked for: the rule before it that takes its requests, when it is out of its place. */
  readonly shadowedBy?: string;
}
