import type { ApplicationText, ClientTerms, LdapTerms, SamlTerms } from './application-terms.ts';
import { clientHeading, settingLines, undelivered } from './client-lines.ts';

/** The names are those of OpenID Connect, which libraries and other programs share. */
export function generalOidc(terms: ClientTerms): ApplicationText {
  const { live, redirectUris, scopes } = terms;
  const lines = settingLines([
    ['issuer', live.issuer],
    ['discovery', live.discoveryUrl],
    ['authorization_endpoint', live.authorizationUrl],
    ['token_endpoint', live.tokenUrl],
    ['userinfo_endpoint', live.userinfoUrl],
    ['jwks_uri', live.jwksUrl],
    ['end_session_endpoint', live.endSessionUrl],
    ['client_id', live.clientId],
    ...redirectUris.map((uri) => ['redirect_uri', uri] as const),
    ['scope', scopes.join(' ')],
  ]);
  return { text: `${clientHeading(terms)}${lines}`, missing: undelivered(terms) };
}

/** The names are those of the SAML metadata, in small letters. */
export function generalSaml({ name, live, acsUrl, audience }: SamlTerms): ApplicationText {
  const lines = settingLines([
    ['entity_id', live.issuer],
    ['metadata', live.metadataUrl],
    ['single_sign_on_service_post', live.ssoPostUrl],
    ['single_sign_on_service_redirect', live.ssoRedirectUrl],
    ['single_logout_service_post', live.sloPostUrl],
    ['single_logout_service_redirect', live.sloRedirectUrl],
    ['assertion_consumer_service', acsUrl],
    ['audience', audience ?? null],
  ]);
  const heading = `# clients.${name}: the application logs people in at Authentik by SAML. The certificate that signs is in the metadata.\n`;
  return { text: `${heading}${lines}`, missing: [] };
}

/** The names are those that most applications use, in small letters. */
export function generalLdap({ name, live }: LdapTerms): ApplicationText {
  const lines = settingLines([
    ['tls_server_name', live.tlsServerName],
    ['base_dn', live.baseDn],
    ['bind_dn', live.bindDn],
    ['user_base', live.userBase],
    ['user_filter', live.userFilter],
    ['user_name_attribute', live.userNameAttribute],
    ['group_base', live.groupBase],
    ['group_filter', live.groupFilter],
    ['group_member_attribute', live.groupMemberAttribute],
  ]);
  const heading = `# clients.${name}: the application logs people in at the LDAP outpost of Authentik, which listens at 3389, and at 6636 with TLS, inside its container.\n`;
  return { text: `${heading}${lines}`, missing: [] };
}
