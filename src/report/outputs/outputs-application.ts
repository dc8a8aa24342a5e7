import { stringify } from 'yaml';
import type { LdapOutputs } from './ldap-outputs.ts';
import type { AccessOutputs, ClientOutputs, SamlOutputs } from './outputs.ts';
import { formatLibrary, isLibraryFormat, type LibraryFormat } from './outputs-libraries.ts';

export type ApplicationFormat =
  | 'oidc'
  | 'saml'
  | 'ldap'
  | 'grafana'
  | 'argocd'
  | 'proxmox'
  | 'home-assistant'
  | LibraryFormat;

/** A SAML client of the file, with its live values. */
export interface SamlTerms {
  readonly name: string;
  readonly live: SamlOutputs;
  readonly acsUrl: string;
  readonly audience: string | undefined;
}

/** An LDAP client of the file, with its live values. */
export interface LdapTerms {
  readonly name: string;
  readonly live: LdapOutputs;
}

/** An OIDC client of the file, with its live values. */
export interface ClientTerms {
  readonly name: string;
  readonly live: ClientOutputs;
  /** Exact addresses, in the order of the file. */
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  /** The place of the secret; undefined: gates delivers it nowhere, or the client has none. */
  readonly secret: { readonly file: string; readonly variable: string } | undefined;
  readonly type: 'confidential' | 'public';
}

export interface ApplicationAsked {
  /** The service behind Access, whose application checks the token. */
  readonly guarded: { readonly service: string; readonly access: AccessOutputs } | undefined;
  readonly clients: readonly ClientTerms[];
  readonly samlClients: readonly SamlTerms[];
  readonly ldapClients: readonly LdapTerms[];
}

export interface ApplicationText {
  readonly text: string;
  /** Whatever keeps the text from working, with the action to take. */
  readonly missing: readonly string[];
}

/** The settings of one application, with the name of a variable or a file in place of every secret. */
export function formatApplication(format: ApplicationFormat, asked: ApplicationAsked): ApplicationText {
  const parts = partsOf(format, asked);
  if (parts.length === 0) {
    const others = isLibraryFormat(format) ? undefined : otherProtocol(asked);
    return { text: '', missing: others ?? [nothing[format]] };
  }
  return { text: parts.map(({ text }) => text).join('\n'), missing: parts.flatMap(({ missing }) => missing) };
}

/** The clients of other protocols; undefined if there are none. */
function otherProtocol({
  clients,
  samlClients,
  ldapClients,
}: ApplicationAsked): readonly string[] | undefined {
  const spoken = [
    ...clients.map(({ name }) => [name, 'OpenID Connect'] as const),
    ...samlClients.map(({ name }) => [name, 'SAML, which `--format saml` prints'] as const),
    ...ldapClients.map(({ name }) => [name, 'LDAP, which `--format ldap` prints'] as const),
  ];
  if (spoken.length === 0) return undefined;
  return spoken.map(([name, protocol]) => `clients.${name}: the application logs people in by ${protocol}`);
}

const client = 'name a client of the file with `--client NAME`, or a service whose gate names one';
const door = 'name a service with a gate of Access at its host with `--service NAME`';
const nothing: Readonly<Record<ApplicationFormat, string>> = {
  oidc: client,
  saml: client,
  ldap: client,
  argocd: client,
  proxmox: client,
  'home-assistant': client,
  jose: door,
  pyjwt: door,
  'go-oidc': door,
  grafana: `a gate of Access at the host, or a client: ${client}`,
};

function partsOf(
  format: ApplicationFormat,
  { guarded, clients, samlClients, ldapClients }: ApplicationAsked,
): readonly ApplicationText[] {
  if (format === 'ldap') return ldapClients.map(generalLdap);
  if (format === 'saml') return samlClients.map(generalSaml);
  if (isLibraryFormat(format)) {
    if (guarded === undefined) return [];
    return [{ text: formatLibrary(format, guarded.service, guarded.access), missing: [] }];
  }
  if (format !== 'grafana') return clients.map(written[format]);
  const token = guarded === undefined ? [] : [grafanaToken(guarded)];
  return [...token, ...clients.map(grafanaLogin)];
}

const written = { oidc: generic, argocd: argoCd, proxmox, 'home-assistant': homeAssistant };

/** The names are those of OpenID Connect, which libraries and other programs share. */
function generic(terms: ClientTerms): ApplicationText {
  const { live, redirectUris, scopes } = terms;
  const lines = settings([
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
  return { text: `${heading(terms)}${lines}`, missing: undelivered(terms) };
}

/** The names are those of the SAML metadata, in small letters. */
function generalSaml({ name, live, acsUrl, audience }: SamlTerms): ApplicationText {
  const lines = settings([
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
function generalLdap({ name, live }: LdapTerms): ApplicationText {
  const lines = settings([
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

/** https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/jwt/ */
function grafanaToken({ service, access }: NonNullable<ApplicationAsked['guarded']>): ApplicationText {
  const claims = access.aud === null ? null : `{"iss": "${access.issuer}", "aud": "${access.aud}"}`;
  const lines = settings([
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
function grafanaLogin(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const root = rootOf(terms, '/login/generic_oauth');
  const server = root === undefined ? '' : `[server]\n${settings([['root_url', root]])}\n`;
  const lines = settings([
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
    text: `${heading(terms)}${server}[auth.generic_oauth]\n${lines}`,
    missing: [...undelivered(terms), ...notReturning(terms, '/login/generic_oauth')],
  };
}

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/#existing-oidc-provider */
function argoCd(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const url = rootOf(terms, '/auth/callback');
  const oidc = {
    name: 'Authentik',
    ...(live.issuer !== null && { issuer: live.issuer }),
    ...(live.clientId !== null && { clientID: live.clientId }),
    ...(secret !== undefined && { clientSecret: '$oidc.authentik.clientSecret' }),
    requestedScopes: scopes,
  };
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace: 'argocd', labels: { 'app.kubernetes.io/part-of': 'argocd' } },
    data: { ...(url !== undefined && { url }), 'oidc.config': stringify(oidc, { lineWidth: 0 }) },
  };
  const key =
    secret === undefined
      ? ''
      : '# It belongs into the Secret argocd-secret, key oidc.authentik.clientSecret.\n';
  return {
    text: `${heading(terms)}${key}${stringify(config, { lineWidth: 0 })}`,
    missing: [...undelivered(terms), ...notReturning(terms, '/auth/callback')],
  };
}

/** https://pve.proxmox.com/pve-docs/pveum.1.html */
function proxmox(terms: ClientTerms): ApplicationText {
  const { live, scopes, secret } = terms;
  const values = [
    ['--type', 'openid'],
    ['--issuer-url', live.issuer],
    ['--client-id', live.clientId],
    ['--client-key', secret === undefined ? null : `"$${secret.variable}"`],
    ['--scopes', `"${scopes.join(' ')}"`],
    ['--username-claim', 'username'],
    ['--autocreate', '1'],
  ] as const;
  const options = values.flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  const read = secret === undefined ? [] : [`. ${secret.file}`];
  const command = ['pveum realm add authentik', ...options].join(' \\\n  ');
  return { text: `${heading(terms)}${[...read, command].join('\n')}\n`, missing: undelivered(terms) };
}

/**
 * Home Assistant itself logs nobody in by OpenID Connect. The integration that does is of its community:
 * https://github.com/christiaangoossens/hass-oidc-auth/blob/main/docs/configuration.md
 */
function homeAssistant(terms: ClientTerms): ApplicationText {
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
    text: `${heading(terms)}${[...notes, ...config].join('\n')}\n`,
    missing: [...undelivered(terms), ...notReturning(terms, '/auth/oidc/callback')],
  };
}

function heading({ name, secret, type }: ClientTerms): string {
  const where =
    type === 'public'
      ? 'The client is public and has no secret.'
      : secret === undefined
        ? 'gates delivers the secret to no file.'
        : `The secret is ${secret.variable} in ${secret.file}.`;
  return `# clients.${name}: the application logs people in at Authentik. ${where}\n`;
}

/** A line for each value that gates knows. */
function settings(values: readonly (readonly [name: string, value: string | null])[]): string {
  return values.flatMap(([name, value]) => (value === null ? [] : [`${name} = ${value}\n`])).join('');
}

/** The address of the application, from the address to which its logins return. */
function rootOf({ redirectUris }: ClientTerms, callback: string): string | undefined {
  return redirectUris.find((uri) => uri.endsWith(callback))?.slice(0, -callback.length);
}

function notReturning(terms: ClientTerms, callback: string): readonly string[] {
  if (rootOf(terms, callback) !== undefined) return [];
  return [
    `clients.${terms.name}.redirectUris: add https://HOST${callback}, to which the application returns`,
  ];
}

function undelivered({ name, secret, type }: ClientTerms): readonly string[] {
  if (type === 'public' || secret !== undefined) return [];
  return [`clients.${name}.deliver: name a file for the secret, which the application needs`];
}
