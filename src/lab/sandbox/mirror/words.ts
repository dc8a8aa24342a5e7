import type { System } from '../state/world.ts';
import { matchPath } from './rows/reply.ts';

/** Names for people of each path and its objects; `*` is one segment. */
const WORDS: Readonly<Record<System, readonly (readonly [path: string, words: string])[]>> = {
  cloudflare: [
    ['/accounts', 'accounts'],
    ['/zones', 'zones'],
    ['/zones/*/dns_records/usage', 'quotas of DNS records'],
    ['/zones/*/dns_records', 'DNS records'],
    ['/*/*/access/apps', 'Access applications'],
    ['/*/*/access/apps/*/policies', 'policies of Access applications'],
    ['/*/*/access/policies', 'Access policies'],
    ['/*/*/access/tags', 'Access tags'],
    ['/*/*/access/service_tokens', 'service tokens'],
    ['/*/*/access/certificates', 'certificate authorities of Access'],
    ['/accounts/*/devices/posture', 'posture rules'],
    ['/*/*/access/organizations', 'the Access organization'],
    ['/*/*/access/identity_providers', 'identity providers'],
    ['/accounts/*/cfd_tunnel', 'tunnels'],
    ['/accounts/*/cfd_tunnel/*/configurations', 'configurations of tunnels'],
    ['/zones/*/rulesets', 'rulesets'],
    ['/zones/*/rulesets/phases/http_request_firewall_custom/entrypoint', 'custom rules'],
    ['/zones/*/rulesets/phases/http_request_cache_settings/entrypoint', 'cache rules'],
    ['/zones/*/rulesets/phases/*/entrypoint', 'rules of other phases'],
    ['/zones/*/bot_management', 'Bot Fight Mode'],
    ['/zones/*/token_validation/config', 'token configurations'],
    ['/zones/*/token_validation/rules', 'token validation rules'],
    ['/zones/*/api_gateway/operations', 'saved operations'],
  ],
  authentik: [
    ['/core/users/me/', 'the person behind the token'],
    ['/core/users/', 'users'],
    ['/core/groups/', 'groups'],
    ['/rbac/roles/', 'roles'],
    ['/core/tokens/', 'tokens'],
    ['/core/applications/', 'applications'],
    ['/providers/all/', 'providers'],
    ['/providers/proxy/', 'proxy providers'],
    ['/providers/oauth2/', 'OAuth2 providers'],
    ['/propertymappings/provider/scope/', 'scope mappings'],
    ['/policies/bindings/', 'bindings'],
    ['/policies/expression/', 'expression policies'],
    ['/policies/all/', 'policies'],
    ['/outposts/instances/', 'outposts'],
    ['/flows/instances/', 'flows'],
    ['/crypto/certificatekeypairs/', 'key pairs'],
    ['/core/brands/', 'brands'],
    ['/events/events/', 'events'],
  ],
};

/** The name of a path for people; if it is unknown, the path itself, without ids. */
export function wordsOf(system: System, path: string): string {
  const one = system === 'cloudflare' ? '/*' : '*/';
  const found = WORDS[system].find(([at]) =>
    [at, at + one].some((pattern) => matchPath(pattern, path) !== null),
  );
  return found?.[1] ?? `${system === 'cloudflare' ? 'Cloudflare' : 'Authentik'} ${withoutIds(path)}`;
}

function withoutIds(path: string): string {
  return path.replace(/\/(\d+|[0-9a-f]{8,}(-[0-9a-f]+)*)(?=\/|$)/gi, '/*');
}

/** Replies about secrets, connectors, times and the caller: the copy has its own. */
const OWN: Readonly<Record<System, readonly string[]>> = {
  cloudflare: [
    '/user/tokens/verify',
    '/accounts/*/tokens/verify',
    '/accounts/*/cfd_tunnel/*/token',
    '/accounts/*/cfd_tunnel/*/connections',
  ],
  authentik: [
    '/core/applications/*/check_access/',
    '/core/tokens/*/view_key/',
    '/crypto/certificatekeypairs/*/view_certificate/',
    '/crypto/certificatekeypairs/*/view_private_key/',
    '/outposts/instances/*/health/',
    '/outposts/instances/default_settings/',
    '/providers/oauth2/*/setup_urls/',
  ],
};

export function isOwn(system: System, path: string): boolean {
  return OWN[system].some((pattern) => matchPath(pattern, path) !== null);
}
