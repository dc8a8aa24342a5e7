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
