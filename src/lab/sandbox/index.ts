/**
 * A Cloudflare, an Authentik and an edge for rehearsals. This is the sandbox's only entry: it shares no code and no
 * type with the product that it judges.
 */
export { asMeasured } from './as-measured.ts';
export type { Verifier } from './edge/verifier.ts';
export { type SandboxLine, type StartedSandbox, startSandbox } from './listen.ts';
export type { RecordedReply } from './mirror/rows/reply.ts';
export { type Mirrored, type MirrorOptions, mirrorSandbox } from './mirror-sandbox.ts';
export {
  createSandbox,
  type Sandbox,
  type SandboxOptions,
  type SandboxUrls,
  type Snapshot,
} from './sandbox.ts';
export {
  AUTHENTIK_PRERELEASES,
  AUTHENTIK_VERSIONS,
  type AuthentikChoice,
  type AuthentikVersion,
} from './state/authentik-version.ts';
export type { AdmitRule } from './state/guard.ts';
export { LAG_KINDS, type LagOptions, parseLag } from './state/lag.ts';
export type { Call, Exposure, Guard, Plan } from './state/world.ts';
