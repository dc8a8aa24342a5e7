/**
 * The attributes that Authentik ships, by the last part of `managed` (its blueprint providers-saml.yaml). Its own form
 * for a new SAML provider chooses all of them.
 */
export const stockSamlAttributes = [
  'upn',
  'name',
  'email',
  'username',
  'uid',
  'groups',
  'ms-windowsaccountname',
] as const;

/** The longest lifetimes that a file may give a SAML client, as the file writes them. */
export const longestSamlLifetimes = { assertion: '24h', session: '365d' } as const;
