import { type ExportedSystem, isMembers, type JsonValue } from './exported-answer.ts';

/** The sort of the objects of each path, singular, in the order in which a comparison lists them. */
const titles: readonly (readonly [path: RegExp, title: string])[] = [
  [/^\/accounts$/, 'account'],
  [/^\/zones$/, 'zone'],
  [/\/dns_records$/, 'DNS record'],
  [/\/cfd_tunnel$/, 'tunnel'],
  [/\/configurations$/, 'tunnel configuration'],
  [/\/access\/organizations$/, 'Access organization'],
  [/\/access\/identity_providers$/, 'identity provider'],
  [/\/access\/tags$/, 'Access tag'],
  [/\/access\/service_tokens$/, 'service token'],
  [/\/access\/policies$/, 'Access policy'],
  [/\/access\/apps$/, 'Access application'],
  [/\/devices\/posture$/, 'posture check'],
  [/\/access\/certificates$/, 'certificate authority'],
  [/\/http_request_firewall_custom\/entrypoint$/, 'WAF rules'],
  [/\/http_request_firewall_managed\/entrypoint$/, 'managed rules'],
  [/\/http_request_cache_settings\/entrypoint$/, 'cache rules'],
  [/\/bot_management$/, 'bot settings'],
  [/\/token_validation\/config$/, 'token configuration'],
  [/\/token_validation\/rules$/, 'token validation rule'],
  [/\/api_gateway\/operations$/, 'saved operation'],
  [/^\/admin\/version\/$/, 'version'],
  [/^\/core\/users\/me\/$/, "gates' own account"],
  [/^\/core\/users\/$/, 'user'],
  [/^\/core\/groups\/$/, 'group'],
  [/^\/core\/applications\/$/, 'application'],
  [/^\/providers\/oauth2\/$/, 'OAuth2 provider'],
  [/^\/providers\/proxy\/$/, 'proxy provider'],
  [/^\/providers\/saml\/$/, 'SAML provider'],
  [/^\/providers\/ldap\/$/, 'LDAP provider'],
  [/^\/policies\/bindings\/$/, 'binding'],
  [/^\/outposts\/instances\/$/, 'outpost'],
  [/^\/flows\/instances\/$/, 'flow'],
  [/^\/crypto\/certificatekeypairs\/$/, 'key pair'],
  [/^\/propertymappings\/provider\/scope\/$/, 'scope mapping'],
  [/^\/propertymappings\/provider\/saml\/$/, 'SAML mapping'],
];

/** The sort of a path's objects for people: `Cloudflare DNS record`. */
export function titleOfPath(system: ExportedSystem, path: string): string {
  const name = system === 'cloudflare' ? 'Cloudflare' : 'Authentik';
  return `${name} ${titles.find(([pattern]) => pattern.test(path))?.[1] ?? path}`;
}

/** The place of a path's objects in a comparison. */
export function rankOfPath(path: string): number {
  return titles.findIndex(([pattern]) => pattern.test(path));
}

/** The name of an object for people; undefined if it has none, as a setting. */
export function nameOfObject(object: JsonValue): string | undefined {
  if (!isMembers(object)) return undefined;
  const text = (name: string) => {
    const value = object[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  if (text('endpoint') !== undefined) return `${text('method')} ${text('host')}${text('endpoint')}`;
  if (text('content') !== undefined && text('name') !== undefined) return `${text('type')} ${text('name')}`;
  const bound = ['group_obj', 'user_obj', 'policy_obj'].map((member) => object[member]).find(isMembers);
  if (bound !== undefined) return `of ${nameOfObject(bound)}`;
  return text('username') ?? text('name') ?? text('title') ?? text('slug');
}
