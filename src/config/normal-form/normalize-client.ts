import type * as file from '../../../schema/generated/config.ts';
import type { AnyClient, Client, LdapClient, OidcClient, RedirectUri, SamlClient } from '../model/client.ts';
import { secondsOf } from '../model/duration.ts';
import { stockSamlAttributes } from '../model/saml-attributes.ts';
import type { CredentialSink } from '../model/secret-sink.ts';

/** A client with every default filled in. */
export function normalizeClient(name: string, entry: file.Client): Client {
  const { groups = [], users = [], everyone, flow, policies = [], protect = false, ignore = [] } = entry;
  const terms = { name, groups, users, everyone, flow, policies, protect, ignore };
  if (entry.saml !== undefined) return { ...terms, ...samlOf(entry.saml) };
  if (entry.ldap !== undefined) return { ...terms, ...ldapOf(entry.ldap) };
  return { ...terms, ...oidcOf(name, entry) };
}

function ldapOf(entry: NonNullable<file.Client['ldap']>): Omit<LdapClient, keyof AnyClient> {
  return {
    protocol: 'ldap',
    baseDn: entry.baseDn,
    bindMode: entry.bindMode ?? 'direct',
    searchMode: entry.searchMode ?? 'direct',
    mfa: entry.mfa ?? true,
    uidStartNumber: entry.uidStartNumber ?? 2000,
    gidStartNumber: entry.gidStartNumber ?? 4000,
    certificate: entry.certificate,
    tlsServerName: entry.tlsServerName,
  };
}

function samlOf(entry: NonNullable<file.Client['saml']>): Omit<SamlClient, keyof AnyClient> {
  return {
    protocol: 'saml',
    acsUrl: entry.acsUrl,
    audience: entry.audience,
    issuer: entry.issuer,
    binding: entry.binding ?? 'post',
    nameId: entry.nameId ?? 'requested',
    attributes: entry.attributes ?? stockSamlAttributes,
    sign: entry.sign ?? 'assertion',
    lifetimes: {
      assertion: entry.lifetimes?.assertion === undefined ? undefined : secondsOf(entry.lifetimes.assertion),
      session: entry.lifetimes?.session === undefined ? undefined : secondsOf(entry.lifetimes.session),
    },
  };
}

function oidcOf(name: string, entry: file.Client): Omit<OidcClient, keyof AnyClient> {
  return {
    protocol: 'oidc',
    type: entry.type ?? 'confidential',
    redirectUris: (entry.redirectUris ?? []).map(redirectUriOf),
    logoutUris: (entry.logoutUris ?? []).map(redirectUriOf),
    grantTypes: entry.grantTypes ?? ['authorization_code', 'refresh_token'],
    signingKey: entry.signingKey ?? 'shared',
    scopes: entry.scopes ?? ['openid', 'email', 'profile'],
    subject: entry.subject ?? 'hashed_user_id',
    lifetimes: {
      code: secondsOf(entry.lifetimes?.code ?? '1m'),
      access: secondsOf(entry.lifetimes?.access ?? '1h'),
      refresh: secondsOf(entry.lifetimes?.refresh ?? '30d'),
    },
    deliver: sinksOf(entry.deliver, name.toUpperCase().replaceAll('-', '_')),
  };
}

function redirectUriOf(entry: file.RedirectUri): RedirectUri {
  return typeof entry === 'string' ? { match: 'strict', uri: entry } : { match: 'regex', uri: entry.regex };
}

/** The files of a credential, with the names of their lines. */
export function sinksOf(entries: file.CredentialSinks | undefined, prefix: string): CredentialSink[] {
  return (entries ?? []).map(({ file: path, names }) => ({
    file: path,
    names: { id: names?.id ?? `${prefix}_CLIENT_ID`, secret: names?.secret ?? `${prefix}_CLIENT_SECRET` },
  }));
}
