import type { ApiToken, Zone } from '../../state/world.ts';
import { CloudflareApiError } from './reply.ts';

/** The permission groups for reading and writing, by the first matching pattern. Write includes read. */
const GROUPS: readonly (readonly [pattern: RegExp, read: string, write: string])[] = [
  [/\/dns_records/, 'DNS Read', 'DNS Write'],
  [/\/access\/service_tokens/, 'Access: Service Tokens Read', 'Access: Service Tokens Write'],
  [
    /\/access\/(organizations|identity_providers|groups)/,
    'Access: Organizations, Identity Providers, and Groups Read',
    'Access: Organizations, Identity Providers, and Groups Write',
  ],
  [/\/access\/certificates/, 'Access: Mutual TLS Certificates Read', 'Access: Mutual TLS Certificates Write'],
  [/\/devices\/posture/, 'Zero Trust Read', 'Zero Trust Write'],
  [/\/access\//, 'Access: Apps and Policies Read', 'Access: Apps and Policies Write'],
  // The endpoint shows a secret, so reading needs the right to write.
  [/\/cfd_tunnel\/\{tunnel_id\}\/token$/, 'Cloudflare Tunnel Write', 'Cloudflare Tunnel Write'],
  [/\/cfd_tunnel/, 'Cloudflare Tunnel Read', 'Cloudflare Tunnel Write'],
  [/\/(token_validation|api_gateway)/, 'Domain API Gateway Read', 'Domain API Gateway'],
  [/\/purge_cache/, 'Cache Purge', 'Cache Purge'],
  [/\/workers\/routes/, 'Workers Routes Read', 'Workers Routes Write'],
  [/\/workers\/scripts/, 'Workers Scripts Read', 'Workers Scripts Write'],
  [/\/snippets\//, 'Snippets Read', 'Snippets Write'],
  [/\/pagerules/, 'Page Rules Read', 'Page Rules Write'],
  [/\/bot_management/, 'Bot Management Read', 'Bot Management Write'],
  [/\/firewall\/access_rules/, 'Firewall Services Read', 'Firewall Services Write'],
  [/\/settings\//, 'Zone Settings Read', 'Zone Settings Write'],
  [/\/ssl\//, 'SSL and Certificates Read', 'SSL and Certificates Write'],
  [/\/logs\/audit/, 'Account Settings Read', 'Account Settings Write'],
  [/^\/zones/, 'Zone Read', 'Zone Write'],
];

/** The groups of rulesets, without the suffixes Read and Write. */
const PHASE_GROUPS: Readonly<Record<string, string>> = {
  http_request_firewall_custom: 'Zone WAF',
  http_request_firewall_managed: 'Zone WAF',
  http_request_cache_settings: 'Cache Settings',
  http_request_dynamic_redirect: 'Dynamic URL Redirects',
  http_request_transform: 'Zone Transform Rules',
  http_request_origin: 'Origin',
};

/** Throws 403 code 10000 if the token lacks the group. Every token may list the accounts and verify itself. */
export function refuseLackOfPermission(
  token: ApiToken | undefined,
  method: string,
  { pattern, phase }: { pattern: string; phase: string | undefined },
): void {
  if (token?.permissions === undefined) return;
  const groups = /\/rulesets/.test(pattern) ? groupsOfPhase(phase) : groupsOf(pattern);
  if (groups.length === 0) return;
  const accepted = groups.flatMap(({ read, write }) => (method === 'GET' ? [read, write] : [write]));
  if (accepted.some((name) => token.permissions?.includes(name))) return;
  throw new CloudflareApiError(403, { code: 10000, message: 'Authentication error' });
}

function groupsOf(pattern: string): { read: string; write: string }[] {
  const found = GROUPS.find(([about]) => about.test(pattern));
  return found === undefined ? [] : [{ read: found[1], write: found[2] }];
}

/** The groups of the phase; of every phase if the call has none, such as a list of rulesets. */
function groupsOfPhase(phase: string | undefined): { read: string; write: string }[] {
  const known = phase === undefined ? undefined : PHASE_GROUPS[phase];
  const names = known === undefined ? Object.values(PHASE_GROUPS) : [known];
  return names.map((name) => ({ read: `${name} Read`, write: `${name} Write` }));
}

/**
 * Throws 403 code 9109 for a zone that is not among the zone resources of the token, whatever its permissions. No document
 * names the code; a zone of another account has this one.
 */
export function refuseForeignZone(token: ApiToken | undefined, zone: Zone | undefined): void {
  if (zone === undefined || seesZone(token, zone)) return;
  throw new CloudflareApiError(403, { code: 9109, message: 'Unauthorized to access requested resource' });
}

/** Throws 403 for a token that is limited to zones: it can look for a zone by its name, and not list those of the account. */
export function refuseZoneList(token: ApiToken | undefined): void {
  if (token?.zones === undefined) return;
  const permission = 'com.cloudflare.api.account.zone.list';
  const message = `Actor 'com.cloudflare.api.token.${token.id}' requires permission '${permission}' to list zones`;
  throw new CloudflareApiError(403, { code: 9109, message });
}

/** True if the zone is among the zone resources of the token; an edit of another actor sees every zone. */
export function seesZone(token: ApiToken | undefined, { name }: Zone): boolean {
  return token?.zones === undefined || token.zones.includes(name);
}

/** The `permissions` of a zone, which newer documents call legacy; an edit of another actor may do everything. */
export function legacyPermissions(token: ApiToken | undefined): string[] {
  const may = (name: string) => token?.permissions === undefined || token.permissions.includes(name);
  const edit = may('DNS Write');
  return [
    ...(edit ? ['#dns_records:edit'] : []),
    ...(edit || may('DNS Read') ? ['#dns_records:read'] : []),
    '#zone:read',
  ];
}
