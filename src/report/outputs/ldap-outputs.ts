/**
 * The values that an application needs to log people in at an LDAP outpost; none of them is secret. Names and filters:
 * https://docs.goauthentik.io/add-secure-apps/providers/ldap/
 */
export interface LdapOutputs {
  readonly baseDn: string | null;
  /** The name with which a person logs in, with USERNAME in place of theirs. */
  readonly bindDn: string | null;
  readonly userBase: string | null;
  readonly userFilter: '(objectClass=user)';
  readonly userNameAttribute: 'cn';
  readonly groupBase: string | null;
  readonly groupFilter: '(objectClass=group)';
  readonly groupMemberAttribute: 'member';
  /** The host by which the application calls the outpost with TLS; null: no API says where somebody runs it. */
  readonly tlsServerName: string | null;
}

/** From the attributes of the live provider; an outpost compares the names of its branches in small letters. */
export function ldapOutputs({ baseDn, tlsServerName }: Readonly<Record<string, string>>): LdapOutputs {
  const below = (branch: string) => (baseDn === undefined ? null : `ou=${branch},${baseDn.toLowerCase()}`);
  const users = below('users');
  return {
    baseDn: baseDn ?? null,
    bindDn: users === null ? null : `cn=USERNAME,${users}`,
    userBase: users,
    userFilter: '(objectClass=user)',
    userNameAttribute: 'cn',
    groupBase: below('groups'),
    groupFilter: '(objectClass=group)',
    groupMemberAttribute: 'member',
    tlsServerName: tlsServerName ?? null,
  };
}

/** True if these are the outputs of an LDAP client. */
export function isLdapOutputs(outputs: object): outputs is LdapOutputs {
  return 'bindDn' in outputs;
}
