import type { LdapProviderSpec } from '../../../reconcilers/authentik/ldap/ldap-provider.ts';
import type { LdapEntrySpec } from '../../../reconcilers/authentik/outpost/ldap-entry.ts';
import type { LdapClient } from '../../config/model/client.ts';
import type { AuthentikConfig } from '../../config/model/config.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { type Linked, ref } from '../../core/objects/reference.ts';
import {
  certificateId,
  flowId,
  ldapOutpostAddress,
  ldapProviderAddress,
  ldapProviderKey,
  providerLinkAddress,
} from '../terms/addresses.ts';

/** The LDAP provider of a client, and its entry in the outpost. */
export function ldapObjects(
  client: LdapClient,
  { flows, ldapOutpost = '' }: AuthentikConfig,
  hosts: readonly string[],
): readonly DesiredObject[] {
  const { name, baseDn, bindMode, searchMode, mfa, uidStartNumber, gidStartNumber } = client;
  const { certificate, tlsServerName } = client;
  const spec: Linked<LdapProviderSpec> = {
    ...{ baseDn, bindMode, searchMode, mfa, uidStartNumber, gidStartNumber },
    ...(certificate !== undefined && { certificate: certificateId(certificate) }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    bindFlow: flowId(flows.bind),
    unbindFlow: flowId(flows.unbind),
    backchannel: '',
    hosts,
  };
  const entry: Linked<LdapEntrySpec> = {
    outpost: ref(ldapOutpostAddress(ldapOutpost)),
    provider: ref(ldapProviderAddress(name)),
    rivals: [],
    hosts,
  };
  const key = ldapProviderKey(name);
  const because = `clients.${name}`;
  return [
    { address: { kind: 'authentik/ldap-provider', key }, spec, because },
    {
      address: { kind: 'authentik/ldap-entry', key },
      spec: entry,
      // An outpost uses a provider only once it has an application.
      needs: [providerLinkAddress(name)],
      because,
    },
  ];
}
