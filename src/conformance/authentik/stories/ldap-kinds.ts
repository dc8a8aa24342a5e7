import { ldapProvider } from '../../../../reconcilers/authentik/ldap/ldap-provider.ts';
import { ldapEntry } from '../../../../reconcilers/authentik/outpost/ldap-entry.ts';
import { ldapOutpost } from '../../../../reconcilers/authentik/outpost/ldap-outpost.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import type { Observed } from '../../../core/objects/object.ts';
import * as gate from '../gate.ts';
import { flowPk, outpostOf, theirLdap, theirLdapOutpost } from '../hands.ts';
import { all, one, patched, type WrittenKind } from '../written-kind.ts';

const ldapPath = ({ attributes }: Observed) => `/providers/ldap/${attributes.id}/`;
const reconcilers = all(version, flow, ldapProvider, ldapOutpost, ldapEntry);

const providerKind: WrittenKind = {
  about: 'ldap-provider',
  reconciler: one(ldapProvider),
  reconcilers,
  desired: gate.ldapProviderOf,
  beside: theirLdap,
  drifts: () => [
    ...patched(ldapPath, [
      ['baseDn', { base_dn: 'dc=by-hand' }],
      ['bindMode', { bind_mode: 'cached' }],
      ['searchMode', { search_mode: 'cached' }],
      ['mfa', { mfa_support: false }],
      ['uidStartNumber', { uid_start_number: 1 }],
      ['gidStartNumber', { gid_start_number: 1 }],
      ['tlsServerName', { tls_server_name: '' }],
    ]),
    {
      field: 'unbindFlow',
      edit: async (have, { person }) =>
        person.patch(ldapPath(have), {
          invalidation_flow: await flowPk(person, 'default-provider-invalidation-flow'),
        }),
    },
  ],
  remove: (have, { person }) => person.remove(ldapPath(have)),
  owned: 'space',
};

const entryKind: WrittenKind = {
  about: 'ldap-entry',
  reconciler: one(ldapEntry),
  reconcilers,
  desired: gate.ldapEntryOf,
  before: theirLdapOutpost,
  beside: async (stage) => {
    const { pk, providers } = await outpostOf(stage);
    const theirs = (await theirLdap(stage)).pk;
    return stage.person.patch(`/outposts/instances/${pk}/`, { providers: [...providers, theirs] });
  },
  // The entry either exists or not.
  drifts: () => [],
  remove: async ({ spec }, stage) => {
    const { pk, providers } = await outpostOf(stage);
    const others = providers.filter((id) => String(id) !== (spec as { readonly provider: string }).provider);
    return stage.person.patch(`/outposts/instances/${pk}/`, { providers: others });
  },
  owned: 'derived',
};

export const ldapKinds: readonly WrittenKind[] = [providerKind, entryKind];
