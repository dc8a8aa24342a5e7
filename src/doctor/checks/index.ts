import type { AnyCheck } from '../check.ts';
import { authentikPermissions, authentikToken } from './authentik-account.ts';
import { authentikExpiry } from './authentik-expiry.ts';
import { authentikUrl } from './authentik-url.ts';
import { authentikVersion } from './authentik-version.ts';
import { bots } from './bots.ts';
import { clock } from './clock.ts';
import { cloudflarePermissions } from './cloudflare-permissions.ts';
import { cloudflareToken } from './cloudflare-token.ts';
import { flows } from './flows.ts';
import { outposts } from './outposts.ts';
import { tunnels } from './tunnels.ts';
import { zeroTrust } from './zero-trust.ts';
import { zones } from './zones.ts';

/** Asked before all others of their system: where one finds a problem, or nobody answers, the others are not asked. */
export const gatekeepers: readonly AnyCheck[] = [cloudflareToken, authentikToken];

/** In the order in which they are told. */
export const checks: readonly AnyCheck[] = [
  cloudflarePermissions,
  zones,
  zeroTrust,
  tunnels,
  bots,
  authentikUrl,
  authentikPermissions,
  authentikExpiry,
  authentikVersion,
  outposts,
  flows,
  clock,
];
