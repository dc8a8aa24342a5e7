import { reconcilers } from '../../../reconcilers/index.ts';

/**
 * Kinds that only check, or are read only for a file that names users or policies, or one with SAML or LDAP clients.
 */
const others: readonly string[] = [
  'authentik/admission',
  'authentik/user',
  'authentik/policy',
  'authentik/saml-mapping',
  'authentik/ldap-provider',
  'authentik/ldap-outpost',
  'authentik/ldap-entry',
];

/** Every kind of Authentik that a run reads or writes, in the order of the index. */
export const authentikKinds = reconcilers.filter(
  ({ kind }) => kind.startsWith('authentik/') && !others.includes(kind),
);
