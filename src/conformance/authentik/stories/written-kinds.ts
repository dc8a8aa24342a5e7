import { application } from '../../../../reconcilers/authentik/application/application.ts';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import type { BindingSpec } from '../../../../reconcilers/authentik/application/binding-form.ts';
import { group } from '../../../../reconcilers/authentik/application/group.ts';
import { providerLink } from '../../../../reconcilers/authentik/application/provider-link.ts';
import { outpostEntry } from '../../../../reconcilers/authentik/outpost/outpost-entry.ts';
import { outpostHost as outpostHostKind } from '../../../../reconcilers/authentik/outpost/outpost-host.ts';
import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { Observed } from '../../../core/objects/object.ts';
import { authentikKinds } from '../all-kinds.ts';
import * as gate from '../gate.ts';
import { outpostOf, theirApplication, theirGroup, theirOutpost, theirProxy } from '../hands.ts';
import type { Stage } from '../stage.ts';
import { all, one, patched, type WrittenKind } from '../written-kind.ts';
import { ldapKinds } from './ldap-kinds.ts';
import { clientKind, proxyKinds } from './provider-kinds.ts';
import { samlKind } from './saml-kind.ts';

const groups = ['admins'];

const groupKind: WrittenKind = {
  about: 'group',
  reconciler: one(group),
  reconcilers: all(group),
  desired: (names) => [gate.groupNamed(names, 'admins')],
  beside: theirGroup,
  twin: (stage) => theirGroup(stage, 'admins'),
  // A group is identified by its name: renamed, it is another one.
  drifts: () => [],
  remove: ({ id }, { person }) => person.remove(`/core/groups/${id}/`),
  owned: 'marker',
};

const pairKind: WrittenKind = {
  about: 'certificate-key-pair',
  reconciler: one(certificateKeyPair),
  reconcilers: all(certificateKeyPair),
  desired: () => [gate.pair],
  beside: ({ person, names }) =>
    person.post('/crypto/certificatekeypairs/generate/', {
      common_name: names.own('theirs'),
      validity_days: 1,
    }),
  // A new key would end every token that was signed with the old one.
  drifts: () => [],
  remove: ({ id }, { person }) => person.remove(`/crypto/certificatekeypairs/${id}/`),
  owned: 'space',
};

const mappingPath = ({ id }: Observed) => `/propertymappings/provider/scope/${id}/`;
const mappingKind: WrittenKind = {
  about: 'scope-mapping',
  reconciler: one(scopeMapping),
  reconcilers: all(scopeMapping),
  desired: () => [gate.mapping],
  beside: ({ person, names }) =>
    person.post('/propertymappings/provider/scope/', {
      name: names.own('theirs'),
      scope_name: 'theirs',
      expression: 'return {}',
    }),
  drifts: () =>
    patched(mappingPath, [
      ['scopeName', { scope_name: 'other' }],
      ['expression', { expression: 'return {}' }],
      ['description', { description: 'by hand' }],
    ]),
  remove: (have, { person }) => person.remove(mappingPath(have)),
  owned: 'space',
};

const applicationPath = ({ address }: Observed) => `/core/applications/${address.key}/`;
const applicationKind: WrittenKind = {
  about: 'application',
  reconciler: one(application),
  reconcilers: all(application),
  desired: (names) => [gate.wantedApplication(names)],
  beside: theirApplication,
  twin: ({ person, names }) =>
    person.post('/core/applications/', { name: 'by hand', slug: names.application }),
  drifts: () =>
    patched(applicationPath, [
      ['name', { name: 'by hand' }],
      ['launchUrl', { meta_launch_url: 'https://elsewhere.invalid/' }],
      ['engine', { policy_engine_mode: 'all' }],
    ]),
  remove: (have, { person }) => person.remove(applicationPath(have)),
  owned: 'marker',
};

const linkKind: WrittenKind = {
  about: 'provider-link',
  reconciler: one(providerLink),
  reconcilers: authentikKinds,
  desired: (names) => [
    ...gate.leanedOn,
    ...groups.map((name) => gate.groupNamed(names, name)),
    gate.wantedProxyProvider(names),
    gate.wantedApplication(names),
    ...groups.map((name) => gate.bindingOf(names, name)),
    gate.linkOf(names, groups),
  ],
  beside: async (stage) => theirApplication(stage, { provider: (await theirProxy(stage)).pk }),
  drifts: () => [
    {
      field: 'provider',
      edit: async (have, stage) => {
        const { pk } = await theirProxy(stage, 'other');
        return stage.person.patch(applicationPath(have), { provider: pk });
      },
    },
  ],
  remove: (have, { person }) => person.patch(applicationPath(have), { provider: null }),
  owned: 'derived',
};

/** Authentik answers a PATCH of a binding with 500, so a person too writes the complete binding. */
async function rebound(have: Observed, { person }: Stage, changes: object): Promise<unknown> {
  const { application: target, group: groupId } = have.spec as BindingSpec;
  const { order } = have.raw as { readonly order: number };
  const body = { target, group: groupId, policy: null, user: null, order, ...changes };
  return person.put(`/policies/bindings/${have.id}/`, body);
}

const bindingKind: WrittenKind = {
  about: 'binding',
  reconciler: one(binding),
  reconcilers: all(group, application, binding),
  desired: (names) => [
    gate.groupNamed(names, 'admins'),
    gate.wantedApplication(names),
    gate.bindingOf(names, 'admins'),
  ],
  beside: async (stage) => {
    const { pk: target } = await theirApplication(stage);
    return stage.person.post('/policies/bindings/', {
      target,
      group: (await theirGroup(stage)).pk,
      order: 0,
    });
  },
  drifts: () => [
    { field: 'enabled', edit: (have, stage) => rebound(have, stage, { enabled: false }) },
    { field: 'negated', edit: (have, stage) => rebound(have, stage, { negate: true }) },
  ],
  exchanged: true,
  remove: ({ id }, { person }) => person.remove(`/policies/bindings/${id}/`),
  owned: 'derived',
};

const hostKind: WrittenKind = {
  about: 'outpost-host',
  reconciler: one(outpostHostKind),
  reconcilers: all(outpostHostKind),
  desired: (names) => [gate.wantedOutpostHost(names)],
  before: (stage) => theirOutpost(stage),
  beside: async ({ person, names }) => {
    const { pk } = await theirProxy({ person, names } as Stage);
    return person.post('/outposts/instances/', {
      name: names.own('theirs'),
      type: 'proxy',
      providers: [pk],
      config: { authentik_host: 'https://theirs.invalid' },
    });
  },
  drifts: () => [
    {
      field: 'host',
      edit: async (_have, stage) => {
        const { pk, config } = await outpostOf(stage);
        return stage.person.patch(`/outposts/instances/${pk}/`, {
          config: { ...config, authentik_host: '' },
        });
      },
    },
  ],
  owned: 'none',
};

const entryKind: WrittenKind = {
  about: 'outpost-entry',
  reconciler: one(outpostEntry),
  reconcilers: authentikKinds,
  desired: (names) => gate.gateFor(names, 'admins'),
  // The outpost has its address already, and keeps it when the entry is removed.
  before: (stage) => theirOutpost(stage, { authentik_host: gate.loginAddress(stage.names) }),
  beside: async (stage) => {
    const { pk, providers } = await outpostOf(stage);
    const theirs = (await theirProxy(stage)).pk;
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

/** Every kind that is written, in the order of the index. */
export const writtenKinds: readonly WrittenKind[] = [
  pairKind,
  mappingKind,
  groupKind,
  ...proxyKinds,
  clientKind,
  samlKind,
  applicationKind,
  linkKind,
  bindingKind,
  hostKind,
  entryKind,
  ...ldapKinds,
];
