import type { ApiToken } from '../world.ts';
import { ApiError } from './reply.ts';

/** Which permission groups reading and writing take, by pattern; the first that fits. Write lets read as well. */
const GROUPS: readonly (readonly [pattern: RegExp, read: string, write: string])[] = [
  [/\/dns_records/, 'DNS Read', 'DNS Write'],
  [/\/access\/service_tokens/, 'Access: Service Tokens Read', 'Access: Service Tokens Write'],
  [
    /\/access\/(organizations|identity_providers|groups)/,
    'Access: Organizations, Identity Providers, and Groups Read',
    'Access: Organizations, Identity Providers, and Groups Write',
  ],
  [/\/access\//, 'Access: Apps and Policies Read', 'Access: Apps and Policies Write'],
  // It shows a secret, so that reading takes the right to write.
  [/\/cfd_tunnel\/\{tunnel_id\}\/token$/, 'Cloudflare Tunnel Write', 'Cloudflare Tunnel Write'],
  [/\/cfd_tunnel/, 'Cloudflare Tunnel Read', 'Cloudflare Tunnel Write'],
  [/\/(token_validation|api_gateway)/, 'Domain API Gateway Read', 'Domain API Gateway'],
  [/\/rulesets/, 'Zone WAF Read', 'Zone WAF Write'],
  [/\/bot_management/, 'Bot Management Read', 'Bot Management Write'],
  [/\/firewall\/access_rules/, 'Firewall Services Read', 'Firewall Services Write'],
  [/\/settings\//, 'Zone Settings Read', 'Zone Settings Write'],
  [/\/ssl\//, 'SSL and Certificates Read', 'SSL and Certificates Write'],
  [/\/logs\/audit/, 'Account Settings Read', 'Account Settings Write'],
  [/^\/zones/, 'Zone Read', 'Zone Write'],
];

/**
 * 403 code 10000 where the token lacks the group. Which accounts there are, and whether it is in force, every token
 * may ask.
 */
export function refuseLackOfPermission(token: ApiToken | undefined, method: string, pattern: string): void {
  if (token?.permissions === undefined) return;
  const groups = GROUPS.find(([about]) => about.test(pattern));
  if (groups === undefined) return;
  const [, read, write] = groups;
  const accepted = method === 'GET' ? [read, write] : [write];
  if (accepted.some((name) => token.permissions?.includes(name))) return;
  throw new ApiError(403, { code: 10000, message: 'Authentication error' });
}

/** `permissions` of a zone, which newer documents call a legacy; an edit of another actor may do all. */
export function legacyPermissions(token: ApiToken | undefined): string[] {
  const may = (name: string) => token?.permissions === undefined || token.permissions.includes(name);
  const edit = may('DNS Write');
  return [
    ...(edit ? ['#dns_records:edit'] : []),
    ...(edit || may('DNS Read') ? ['#dns_records:read'] : []),
    '#zone:read',
  ];
}
