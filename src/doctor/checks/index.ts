import type { AnyCheck } from '../chart/check.ts';
import { authentikPermissions, authentikToken } from './authentik/authentik-account.ts';
import { authentikExpiry } from './authentik/authentik-expiry.ts';
import { authentikUrl } from './authentik/authentik-url.ts';
import { authentikVersion } from './authentik/authentik-version.ts';
import { cookieDomains } from './authentik/cookie-domains.ts';
import { flowsCheck } from './authentik/flows.ts';
import { ldapOutpostCheck, outpostsCheck } from './authentik/outposts.ts';
import { clock } from './clock.ts';
import { alwaysUseHttps } from './cloudflare/always-use-https.ts';
import { apiShieldCheck } from './cloudflare/api-shield.ts';
import { beforeTunnel } from './cloudflare/before-tunnel.ts';
import { botsCheck } from './cloudflare/bots.ts';
import { certificates } from './cloudflare/certificates.ts';
import { cloudflarePermissions } from './cloudflare/cloudflare-permissions.ts';
import { cloudflareToken } from './cloudflare/cloudflare-token.ts';
import { managedRules } from './cloudflare/managed-rules.ts';
import { tunnels } from './cloudflare/tunnels.ts';
import { workersToken } from './cloudflare/workers-token.ts';
import { zeroTrust } from './cloudflare/zero-trust.ts';
import { zoneTokens } from './cloudflare/zone-tokens.ts';
import { zones } from './cloudflare/zones.ts';
import { quotas } from './quotas.ts';
import { authentikWriters, cloudflareWriters, otherFolders } from './second-writer.ts';
import { widenedAccess, widenedAuthentik } from './widened.ts';

/** Asked before all others of their system: if one finds a problem, or nobody answers, the others are not asked. */
export const gatekeepers: readonly AnyCheck[] = [cloudflareToken, authentikToken];

/** In the order of the report. */
export const checks: readonly AnyCheck[] = [
  cloudflarePermissions,
  workersToken,
  zoneTokens,
  zones,
  zeroTrust,
  tunnels,
  botsCheck,
  managedRules,
  quotas,
  apiShieldCheck,
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
  outpostsCheck,
  ldapOutpostCheck,
  flowsCheck,
  cookieDomains,
  widenedAuthentik,
  authentikWriters,
  clock,
];
