import type { LdapOutputs } from '../ldap-outputs.ts';
import type { AccessOutputs, ClientOutputs, SamlOutputs } from '../outputs.ts';

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

/** A service behind Access, whose application checks the token. */
export interface TokenTerms {
  readonly service: string;
  readonly access: AccessOutputs;
}

export interface ApplicationText {
  readonly text: string;
  /** Whatever keeps the text from working, with the action to take. */
  readonly missing: readonly string[];
}
