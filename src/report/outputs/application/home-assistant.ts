import type { ApplicationText, ClientTerms } from './application-terms.ts';
import { clientHeading, notReturning, undelivered } from './client-lines.ts';

/**
 * Home Assistant itself logs nobody in by OpenID Connect. The integration that does is of its community:
 * https://github.com/christiaangoossens/hass-oidc-auth/blob/main/docs/configuration.md
 */
export function homeAssistant(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const name = 'authentik_client_secret';
  const lines = [
    ...(live.clientId === null ? [] : [`client_id: ${live.clientId}`]),
    ...(secret === undefined ? [] : [`client_secret: !secret ${name}`]),
    ...(live.discoveryUrl === null ? [] : [`discovery_url: ${live.discoveryUrl}`]),
    ...(scopes.includes('groups') ? [] : ['features:', '  include_groups_scope: false']),
  ];
  const notes = [
    '# Home Assistant needs the integration auth_oidc: https://github.com/christiaangoossens/hass-oidc-auth',
    ...(secret === undefined ? [] : [`# Write ${secret.variable} into secrets.yaml, as ${name}.`]),
    '# Below `http`, it needs `use_x_forwarded_for: true` and the address of cloudflared in `trusted_proxies`.',
  ];
  const config = ['auth_oidc:', ...lines.map((line) => `  ${line}`)];
  return {
    text: `${clientHeading(terms)}${[...notes, ...config].join('\n')}\n`,
    missing: [...undelivered(terms), ...notReturning(terms, '/auth/oidc/callback')],
  };
}
