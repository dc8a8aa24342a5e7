import { ref } from '../../core/objects/reference.ts';
import { clientAdmission, clientProviderAddress } from '../../desired/logins/clients.ts';
import {
  applicationAddress,
  groupId,
  policyAddress,
  providerLinkAddress,
  userAddress,
} from '../../desired/terms/addresses.ts';
import type { BuiltGate } from '../shared/built-gate.ts';
import { openAccess } from '../shared/open-access.ts';
import { refuseOnPath } from './refusal.ts';

/**
 * `authentik` in mode oidc, saml or ldap: the application asks by itself, with a client of the file. At the edge, the host is
 * as open as a public one.
 */
export const builtApplicationLogin: BuiltGate = {
  refuse: refuseOnPath,
  access: openAccess,
  proof: ({ gate }, config) => {
    const client = config.clients.get(gate.client ?? '');
    if (client === undefined) return undefined;
    const { groups, users, policies, admits } = clientAdmission(client, config);
    const application = applicationAddress(client.name);
    return {
      kind: 'authentik/admission',
      expect: {
        application: ref(application, '{slug}'),
        id: ref(application),
        admits,
        groups: groups.map(groupId),
        users: users.map((name) => ref(userAddress(name))),
        policies: policies.map((name) => ref(policyAddress(name))),
      },
      needs: [clientProviderAddress(client), providerLinkAddress(client.name)],
      covered: false,
    };
  },
};
