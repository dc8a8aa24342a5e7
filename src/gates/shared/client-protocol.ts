import type * as file from '../../../schema/generated/config.ts';
import type { PartOf } from '../../config/model/partial-file.ts';

export type ClientProtocol = 'oidc' | 'saml' | 'ldap';

/** The names of the protocols for people. */
export const protocolWords: Readonly<Record<ClientProtocol, string>> = {
  oidc: 'OpenID Connect',
  saml: 'SAML',
  ldap: 'LDAP',
};

/** The protocol of a client of the file; undefined if the file has no such client. */
export function protocolOf({ clients }: PartOf<file.GatesFile>, name: string): ClientProtocol | undefined {
  const client = clients?.[name];
  if (client === undefined) return undefined;
  if (client.saml !== undefined) return 'saml';
  return client.ldap === undefined ? 'oidc' : 'ldap';
}
