import type { IngressOriginRequest } from './origin-request.ts';

/** One ingress rule of a tunnel. All rules of the tunnel share one document, its configuration. */
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
  /** Observed only: an earlier rule that takes its requests, if it is out of its place. */
  readonly shadowedBy?: string;
  /** Observed only: the services of its owner's later rules for the same requests. They get none; a write removes them. */
  readonly repeats?: readonly string[];
}
