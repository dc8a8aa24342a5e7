import type { ApplicationText, ClientTerms, TokenTerms } from './application-terms.ts';
import { clientHeading, notReturning, rootOf, settingLines, undelivered } from './client-lines.ts';

/** https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/jwt/ */
export function grafanaToken({ service, access }: TokenTerms): ApplicationText {
  const claims = access.aud === null ? null : `{"iss": "${access.issuer}", "aud": "${access.aud}"}`;
  const lines = settingLines([
    ['enabled', 'true'],
    ['header_name', access.header],
    ['username_claim', 'email'],
    ['email_claim', 'email'],
    ['auto_sign_up', 'true'],
    ['jwk_set_url', access.certsUrl],
    ['cache_ttl', '60m'],
    ['expect_claims', claims],
  ]);
  // Without the audience, Grafana would accept the tokens of every application of the team.
  const isComplete = claims !== null && access.certsUrl !== null;
  const text = isComplete
    ? `[auth.jwt]\n${lines}`
    : '# The settings are printed once gates has applied the service.\n';
  return { text: `# services.${service}: Grafana checks the token of Access.\n${text}`, missing: [] };
}

/** https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/generic-oauth/ */
export function grafanaLogin(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const root = rootOf(terms, '/login/generic_oauth');
  const server = root === undefined ? '' : `[server]\n${settingLines([['root_url', root]])}\n`;
  const lines = settingLines([
    ['enabled', 'true'],
    ['name', 'Authentik'],
    ['client_id', live.clientId],
    ['client_secret', secret === undefined ? null : `$__env{${secret.variable}}`],
    ['scopes', scopes.join(' ')],
    ['auth_url', live.authorizationUrl],
    ['token_url', live.tokenUrl],
    ['api_url', live.userinfoUrl],
    ['signout_redirect_url', live.endSessionUrl],
    ['use_pkce', 'true'],
  ]);
  return {
    text: `${clientHeading(terms)}${server}[auth.generic_oauth]\n${lines}`,
    missing: [...undelivered(terms), ...notReturning(terms, '/login/generic_oauth')],
  };
}
