import type { Kind } from '../../src/core/objects/address.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { Part } from '../../src/core/objects/part.ts';
import type { ApplicationSpec } from '../authentik/application/application.ts';
import type { BindingSpec } from '../authentik/application/binding-form.ts';
import type { GroupParentSpec } from '../authentik/application/group-parent.ts';
import type { ProviderLinkSpec } from '../authentik/application/provider-link.ts';
import type { LdapProviderSpec } from '../authentik/ldap/ldap-provider.ts';
import type { OutpostEntrySpec } from '../authentik/outpost/outpost-entry.ts';
import type { Oauth2ProviderSpec } from '../authentik/provider/oauth2-provider.ts';
import type { ProxyProviderSpec } from '../authentik/provider/proxy-provider.ts';
import type { ProviderFlow } from '../authentik/reading/flow-strictness.ts';
import type { SamlProviderSpec } from '../authentik/saml/saml-provider.ts';
import type { PartSurroundings } from './part-surroundings.ts';

type Parts<Spec> = (have: Observed<Spec>, among: PartSurroundings) => readonly Part[];

const proxyProvider: Parts<ProxyProviderSpec> = ({ attributes, spec }, among) => [
  {
    part: 'proxy-provider',
    id: attributes.id ?? '',
    mode: spec.mode,
    externalHost: spec.externalHost,
    internalHost: spec.internalHost,
    cookieDomain: spec.cookieDomain,
    skipPaths: spec.skipPathRegex,
    trusts: spec.trustedProviders.map(String),
    ...ownFlow(spec, among),
  },
];

const client: Parts<Oauth2ProviderSpec> = ({ attributes, spec }, among) => [
  {
    ...{ part: 'client', id: attributes.id ?? '', trusts: spec.trustedProviders.map(String) },
    ...ownFlow(spec, among),
  },
];

const samlClient: Parts<SamlProviderSpec> = ({ attributes, spec }, among) => [
  { part: 'other-client', id: attributes.id ?? '', ...ownFlow(spec, among) },
];

const ldapClient: Parts<LdapProviderSpec> = ({ attributes }) => [
  { part: 'other-client', id: attributes.id ?? '' },
];

function ownFlow({ authorizationFlow }: ProviderFlow, { usualFlow }: PartSurroundings): { flow?: string } {
  return usualFlow === undefined || usualFlow.has(authorizationFlow) ? {} : { flow: authorizationFlow };
}

const application: Parts<ApplicationSpec> = ({ id, spec: { engine } }) => [
  { part: 'application', id, engine },
];

const providerLink: Parts<ProviderLinkSpec> = ({ spec: { application: id, provider } }) => [
  { part: 'provider-link', application: id, provider },
];

const binding: Parts<BindingSpec> = ({ spec }) => {
  const { application: id, group, user, policy, enabled, negated, passesOnError } = spec;
  return [
    {
      part: 'binding',
      application: id,
      group: group === '' ? undefined : group,
      ...(user !== '' && { user }),
      ...(policy !== undefined && passesOnError !== true && { policy }),
      enabled,
      negated,
    },
  ];
};

const groupParent: Parts<GroupParentSpec> = ({ spec: { group, parent, names } }) => [
  { part: 'group-parent', group, parent, names },
];

const outpostEntry: Parts<OutpostEntrySpec> = ({ spec: { outpost, provider } }) => [
  { part: 'outpost-entry', outpost, provider },
];

/** The contribution of an object to the layers, by kind. */
export const authentikParts: Readonly<Record<Kind, Parts<never>>> = {
  'authentik/proxy-provider': proxyProvider,
  'authentik/oauth2-provider': client,
  'authentik/saml-provider': samlClient,
  'authentik/ldap-provider': ldapClient,
  'authentik/application': application,
  'authentik/provider-link': providerLink,
  'authentik/binding': binding,
  'authentik/group-parent': groupParent,
  'authentik/outpost-entry': outpostEntry,
};
