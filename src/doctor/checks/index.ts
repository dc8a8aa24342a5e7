import type { AnyCheck } from '../check.ts';
import { alwaysUseHttps } from './always-use-https.ts';
import { apiShield } from './api-shield.ts';
import { authentikPermissions, authentikToken } from './authentik-account.ts';
import { authentikExpiry } from './authentik-expiry.ts';
import { authentikUrl } from './authentik-url.ts';
import { authentikVersion } from './authentik-version.ts';
import { beforeTunnel } from './before-tunnel.ts';
import { bots } from './bots.ts';
import { certificates } from './certificates.ts';
import { clock } from './clock.ts';
import { cloudflarePermissions } from './cloudflare-permissions.ts';
import { cloudflareToken } from './cloudflare-token.ts';
import { cookieDomains } from './cookie-domains.ts';
import { flows } from './flows.ts';
import { managedRules } from './managed-rules.ts';
import { outposts } from './outposts.ts';
import { quotas } from './quotas.ts';
import { authentikWriters, cloudflareWriters, otherFolders } from './second-writer.ts';
import { tunnels } from './tunnels.ts';
import { widenedAccess, widenedAuthentik } from './widened.ts';
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
  managedRules,
  quotas,
  apiShield,
  cloudflareWriters,
  otherFolders,
  alwaysUseHttps,
  beforeTunnel,
  certificates,
  widenedAccess,
  authentikUrl,
  authentikPermissions,
  authentikExpiry,
  authentikVersion,
  outposts,
  flows,
  cookieDomains,
  widenedAuthentik,
  authentikWriters,
  clock,
];
