import type { Everyone } from './gate.ts';
import type { CredentialSink } from './secret-sink.ts';

export type Client = OidcClient | SamlClient | LdapClient;

export interface AnyClient {
  readonly name: string;
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly everyone: Everyone | undefined;
  /** Slug of its authorization flow; undefined: that of `authentik.flows`. */
  readonly flow: string | undefined;
  /** Names of policies that have to agree about each of them. */
  readonly policies: readonly string[];
  readonly protect: boolean;
  readonly ignore: readonly string[];
}

export interface SamlClient extends AnyClient {
  readonly protocol: 'saml';
  readonly acsUrl: string;
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
  readonly binding: 'post' | 'redirect';
  readonly nameId: 'requested' | 'persistent' | 'email' | 'username';
  /** The last parts of `managed` of Authentik's own mappings. */
  readonly attributes: readonly string[];
  readonly sign: 'assertion' | 'response' | 'both';
  /** Seconds. Undefined: the file does not decide. */
  readonly lifetimes: { readonly assertion: number | undefined; readonly session: number | undefined };
}

export interface LdapClient extends AnyClient {
  readonly protocol: 'ldap';
  readonly baseDn: string;
  readonly bindMode: 'direct' | 'cached';
  readonly searchMode: 'direct' | 'cached';
  readonly mfa: boolean;
  readonly uidStartNumber: number;
  readonly gidStartNumber: number;
  /** Name of a key pair; undefined: the file does not decide. */
  readonly certificate: string | undefined;
  readonly tlsServerName: string | undefined;
}

export interface OidcClient extends AnyClient {
  readonly protocol: 'oidc';
  readonly type: 'confidential' | 'public';
  /** In the order of the file, which matters to Authentik. */
  readonly redirectUris: readonly RedirectUri[];
  readonly logoutUris: readonly RedirectUri[];
  readonly grantTypes: readonly string[];
  readonly signingKey: 'shared' | 'own';
  readonly scopes: readonly string[];
  readonly subject: string;
  /** Seconds. */
  readonly lifetimes: { readonly code: number; readonly access: number; readonly refresh: number };
  readonly deliver: readonly CredentialSink[];
}

export interface RedirectUri {
  readonly match: 'strict' | 'regex';
  readonly uri: string;
}
